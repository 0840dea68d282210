"""Twilio's webhooks: verify, parse, store, acknowledge."""

from __future__ import annotations

from fastapi import APIRouter, Depends, Request, Response

from backend.conversations.refusals import record_refusal
from backend.core.settings import Settings
from channels.pace import guard_address
from channels.sms.callback import signed_form
from channels.sms.errors import OPTED_OUT
from channels.sms.parse import parse_inbound, parse_status
from channels.webhook import note_status, store

router = APIRouter(prefix="/channels/sms", include_in_schema=False, dependencies=[Depends(guard_address)])
NO_ANSWER = "<Response></Response>"


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
    if update.state is None:
        return
    account = request.app.state.settings.twilio.account
    moved = await note_status(request, "sms", account, update.platform_id, update.state, update.error)
    if moved is not None and update.error == OPTED_OUT:
        async with request.app.state.database.session.begin() as session:
            await record_refusal(session, "sms", account, moved.recipient, OPTED_OUT)
