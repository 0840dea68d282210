"""What the platforms' webhooks share: a body is read within bounds, a message is stored before it is acknowledged."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

from fastapi import Request
from sqlalchemy import select
from sqlalchemy.exc import InterfaceError, OperationalError

from backend.conversations import intake
from backend.conversations.delivery import record_status
from backend.conversations.intake import IncomingMessage, Receipt
from backend.conversations.models import OutboundMessage, OutboundState
from backend.core import failpoints, live
from backend.core.errors import BadRequest, TooLarge
from channels.pace import pace_of
from channels.together import together_of

BODY_LIMIT = 1024 * 1024
ID_LIMIT = 128
STATUS_WAITS = (0.0, 0.3, 1.0)


async def read_body(request: Request, limit: int = BODY_LIMIT) -> bytes:
    """The whole body; raises `TooLarge` as soon as more than `limit` bytes are announced or have arrived."""
    announced = request.headers.get("content-length", "")
    if announced.isdecimal() and int(announced) > limit:
        raise TooLarge("The body is larger than 1 MB.")
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > limit:
            raise TooLarge("The body is larger than 1 MB.")
    return bytes(body)


def required(fields: dict[str, str], name: str) -> str:
    """An id of the platform; raises `BadRequest` when it is missing, blank or longer than any real one."""
    value = fields.get(name, "").strip()
    if not value or len(value) > ID_LIMIT:
        raise BadRequest(f"{name} is missing or not valid.")
    return value


async def note_status(
    request: Request, channel: str, account: str, platform_id: str, state: OutboundState, error: str | None
) -> OutboundMessage | None:
    """Record what became of a message of ours and tell open consoles; gives it when it moved.

    What is old news changes nothing. A callback can overtake the commit of the send that it tells about: then it waits.
    """
    app = request.app.state
    known = select(OutboundMessage.id).where(
        OutboundMessage.channel == channel,
        OutboundMessage.account == account,
        OutboundMessage.platform_id == platform_id,
    )
    for wait in STATUS_WAITS:
        await asyncio.sleep(wait)
        async with app.database.session() as session:
            is_known = await session.scalar(known) is not None
        if is_known:
            break
    async with app.database.session.begin() as session:
        moved = await record_status(session, channel, account, platform_id, state, error)
    if moved is not None:
        await live.announce(app.redis, "interaction", moved.conversation_id)
    return moved


async def store(request: Request, message: IncomingMessage) -> Receipt:
    """Store and commit `message`, then wake the inbox. What is acknowledged after this is never lost.

    Raises `Unavailable` when it cannot be stored now: the platform posts it again.
    """
    state = request.app.state
    pace = pace_of(state)
    async with pace.admitted():
        message = replace(message, over=await pace.over(message))
        receipt = await together_of(state).store(message) or await _commit(state, message)
    failpoints.reached("after_store")
    pace.wake_inbox()  # the commit is what counts: nobody waits for Redis
    await asyncio.sleep(0)  # but it is told before the platform is
    return receipt


async def _commit(state: Any, message: IncomingMessage) -> Receipt:
    """By itself; once more when the connection turned out to be dead, as all are after the database was restarted."""
    for is_last in (False, True):
        try:
            async with state.database.session.begin() as session:
                return await intake.receive(session, state.vault, message)
        except (OperationalError, InterfaceError):
            if is_last:
                raise
    raise AssertionError
