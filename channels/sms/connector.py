"""Twilio's webhooks: verify, parse, store, acknowledge."""

from __future__ import annotations

import asyncio

from fastapi import APIRouter, Request, Response
from sqlalchemy import select

from backend.conversations.models import OutboundMessage
from backend.core.settings import Settings
from channels.sms.callback import signed_form
from channels.sms.parse import StatusUpdate, parse_inbound, parse_status
from channels.webhook import note_status, store

router = APIRouter(prefix="/channels/sms", include_in_schema=False)
NO_ANSWER = "<Response></Response>"
# A callback can overtake the commit of the send that it tells about.
WAITS = (0.0, 0.3, 1.0)


@router.post("/inbound")
async def receive(request: Request) -> Response:
    """A customer's SMS or MMS. The answer is empty: replies leave through the outbox."""
    settings: Settings = request.app.state.settings
    message = parse_inbound(await signed_form(request), settings.twilio.account)
    await store(request, message)
    return Response(NO_ANSWER, media_type="text/xml")


@router.post("/status", status_code=204)
async def receive_status(request: Request) -> None:
    """What became of a message that we sent; repeated and unordered callbacks change nothing."""
    update = parse_status(await signed_form(request))
    if update.state is not None:
        await _record(request, update)


async def _record(request: Request, update: StatusUpdate) -> None:
    assert update.state is not None
    account = request.app.state.settings.twilio.account
    known = select(OutboundMessage.id).where(
        OutboundMessage.channel == "sms",
        OutboundMessage.account == account,
        OutboundMessage.platform_id == update.platform_id,
    )
    for wait in WAITS:
        await asyncio.sleep(wait)
        async with request.app.state.database.session() as session:
            is_known = await session.scalar(known) is not None
        if is_known:
            await note_status(request, "sms", account, update.platform_id, update.state, update.error)
            return
