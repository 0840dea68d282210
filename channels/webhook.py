"""What the platforms' webhooks share: a body is read within bounds, a message is stored before it is acknowledged."""

from __future__ import annotations

from fastapi import Request

from backend.conversations import intake
from backend.conversations.delivery import record_status
from backend.conversations.intake import IncomingMessage, Receipt
from backend.conversations.models import OutboundState
from backend.core import live
from backend.core.errors import BadRequest, TooLarge

BODY_LIMIT = 1024 * 1024
ID_LIMIT = 128


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
) -> None:
    """Record what became of a message of ours and tell open consoles; what is old news changes nothing."""
    app = request.app.state
    async with app.database.session.begin() as session:
        moved = await record_status(session, channel, account, platform_id, state, error)
    if moved is not None:
        await live.announce(app.redis, "interaction", moved.conversation_id)


async def store(request: Request, message: IncomingMessage) -> Receipt:
    """Store and commit `message`, then wake the inbox. What is acknowledged after this is never lost."""
    state = request.app.state
    async with state.database.session.begin() as session:
        receipt = await intake.receive(session, state.vault, message)
    await live.wake(state.redis, live.INBOX)
    return receipt
