"""Dead letters under /api/v1/dead-letters: list, count, replay, dismiss."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel, Field
from sqlalchemy import func, literal, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from backend.conversations import dead_letters
from backend.conversations.dead_letters import Direction, Letter
from backend.core import audit, live
from backend.core.access import Allowed, Principal
from backend.core.db import SessionDep
from backend.core.errors import Invalid
from backend.core.idempotency import KeyHeader, once
from backend.core.paging import Cursor, Limit, decode_place, encode_cursor

router = APIRouter(prefix="/api/v1/dead-letters", tags=["dead letters"])
Keeper = Annotated[Principal, Depends(Allowed("dead_letters:write"))]
AT_ONCE = 200
DIRECTIONS: tuple[Direction, ...] = ("inbound", "outbound")
EXAMPLE: dict[str, Any] = {
    "id": "outbound-5012",
    "direction": "outbound",
    "conversation_id": 42,
    "customer_id": 7,
    "channel": "sms",
    "lane": "reply",
    "text": "您的理赔已经赔付。",
    "reason": "30003",
    "state": "failed",
    "created_at": "2026-11-23T01:02:03Z",
}


class DeadLetter(BaseModel):
    """A message that failed for good. `reason` is the platform's code or our own word for it."""

    model_config = {"json_schema_extra": {"examples": [EXAMPLE]}}
    id: str
    direction: Direction
    conversation_id: int
    customer_id: int | None
    channel: str
    lane: str | None
    text: str
    reason: str
    state: str
    created_at: datetime


class DeadLetterPage(BaseModel):
    items: list[DeadLetter]
    next: str | None


class KindCount(BaseModel):
    direction: Direction
    reason: str
    count: int


class KindCounts(BaseModel):
    total: int
    items: list[KindCount]


class Kind(BaseModel):
    """All letters of one direction and reason, at most 200 at once."""

    direction: Direction
    reason: str = Field(max_length=200)


class Chosen(BaseModel):
    """Either some letters by id, or all of a kind."""

    model_config = {
        "json_schema_extra": {
            "examples": [{"ids": ["outbound-5012"]}, {"kind": {"direction": "inbound", "reason": "HTTP 503"}}]
        }
    }
    ids: list[Annotated[str, Field(pattern=r"^(inbound|outbound)-[0-9]{1,18}$")]] = Field(
        default=[], max_length=AT_ONCE
    )
    kind: Kind | None = None


class Skipped(BaseModel):
    """`why`: not_found, not_dead, with_agent, superseded, code, expired, refused."""

    id: str
    why: str


class Outcome(BaseModel):
    done: list[str]
    skipped: list[Skipped]


@router.get("", summary="List dead letters")
async def list_dead_letters(
    session: SessionDep,
    _: Keeper,
    direction: Direction | None = None,
    reason: Annotated[str | None, Query(max_length=200)] = None,
    channel: Literal["wechat", "sms", "web"] | None = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> DeadLetterPage:
    """Newest first, without those that were put aside."""
    listed = dead_letters.letters().subquery()
    query = select(listed)
    for column, wanted in (
        (listed.c.direction, direction),
        (listed.c.reason, reason),
        (listed.c.channel, channel),
    ):
        if wanted is not None:
            query = query.where(column == wanted)
    if cursor:
        (number,), moment, last_id = decode_place(cursor, 1)
        if not 0 <= number < len(DIRECTIONS):
            raise Invalid("This cursor is not valid.")
        place = tuple_(literal(moment), literal(DIRECTIONS[number]), literal(last_id))
        query = query.where(tuple_(listed.c.created_at, listed.c.direction, listed.c.id) < place)
    query = query.order_by(listed.c.created_at.desc(), listed.c.direction.desc(), listed.c.id.desc())
    found = [Letter(*row) for row in await session.execute(query.limit(limit + 1))]
    page, last = found[:limit], found[limit - 1] if len(found) > limit else None
    following = encode_cursor(DIRECTIONS.index(last.direction), last.created_at, last.id) if last else None
    return DeadLetterPage(items=[_shown(letter) for letter in page], next=following)


def _shown(letter: Letter) -> DeadLetter:
    fields = letter._asdict() | {"id": f"{letter.direction}-{letter.id}", "text": letter.text[:300]}
    return DeadLetter.model_validate(fields)


@router.get("/counts", summary="Count dead letters by kind")
async def count_dead_letters(session: SessionDep, _: Keeper) -> KindCounts:
    """How many there are of each direction and reason, the most frequent first."""
    listed = dead_letters.letters().subquery()
    count = func.count()
    query = select(listed.c.direction, listed.c.reason, count).group_by(listed.c.direction, listed.c.reason)
    rows = (await session.execute(query.order_by(count.desc(), listed.c.direction, listed.c.reason))).all()
    items = [
        KindCount(direction=direction, reason=reason, count=number) for direction, reason, number in rows
    ]
    return KindCounts(total=sum(item.count for item in items), items=items)


@router.post("/replay", summary="Send dead letters on their way again")
async def replay(
    body: Chosen, session: SessionDep, principal: Keeper, request: Request, key: KeyHeader
) -> Outcome:
    """Ask the bot again, or send again. What makes no sense any more is skipped and says why: the customer was
    answered meanwhile (`superseded`), an agent has the conversation, the recipient refuses our messages, a code."""
    outcome = await _for_each(session, principal, key, "replay", body, dead_letters.replay)
    for box in (live.INBOX, live.OUTBOX):  # a worker that looks too early finds them at its next look
        await live.wake(request.app.state.redis, box)
    return outcome


@router.post("/dismiss", summary="Put dead letters aside")
async def dismiss(body: Chosen, session: SessionDep, principal: Keeper, key: KeyHeader) -> Outcome:
    """They leave the list and stay in the record."""

    async def aside(session: AsyncSession, direction: Direction, message_id: int) -> str | None:
        return await dead_letters.dismiss(session, direction, message_id, principal.agent_id)

    return await _for_each(session, principal, key, "dismiss", body, aside)


async def _for_each(
    session: AsyncSession,
    principal: Principal,
    key: str,
    act: str,
    body: Chosen,
    do: Callable[[AsyncSession, Direction, int], Awaitable[str | None]],
) -> Outcome:
    if bool(body.ids) == (body.kind is not None):
        raise Invalid("Name either some letters or one kind.")

    async def write() -> dict[str, Any]:
        done: list[str] = []
        skipped: list[dict[str, str]] = []
        for name, direction, message_id in await _named(session, body):
            why = await do(session, direction, message_id)
            if why is None:
                done.append(name)
                await audit.record(
                    session, principal.actor, f"dead_letter.{act}", f"{direction}:{message_id}"
                )
            else:
                skipped.append({"id": name, "why": why})
        return {"done": done, "skipped": skipped}

    scope = f"{principal.actor}:dead_letters.{act}"
    return Outcome.model_validate(await once(session, scope, key, body.model_dump(), write))


async def _named(session: AsyncSession, body: Chosen) -> list[tuple[str, Direction, int]]:
    """Oldest first, so that what is replayed keeps its order."""
    if body.kind is None:
        parts = {(DIRECTIONS[name.startswith("outbound")], int(name.partition("-")[2])) for name in body.ids}
    else:
        listed = dead_letters.letters().subquery()
        query = select(listed.c.direction, listed.c.id).where(
            listed.c.direction == body.kind.direction, listed.c.reason == body.kind.reason
        )
        rows = await session.execute(query.order_by(listed.c.id).limit(AT_ONCE))
        parts = {(direction, number) for direction, number in rows}
    return [
        (f"{direction}-{number}", direction, number)
        for direction, number in sorted(parts, key=lambda p: p[1])
    ]
