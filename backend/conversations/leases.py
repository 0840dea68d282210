"""Leases: one worker at a time serves a conversation's inbox, one its outbox; the database's clock decides.

A fencing token grows with each lease and is checked at every commit, so a worker that stalled changes nothing any more.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Literal

from sqlalchemy import (
    ColumnElement,
    Executable,
    Select,
    Update,
    and_,
    bindparam,
    exists,
    func,
    or_,
    select,
    update,
)
from sqlalchemy.ext.asyncio import AsyncSession

from backend.conversations.models import Conversation

DURATION = timedelta(seconds=15)
Box = Literal["inbox", "outbox"]


@dataclass(frozen=True)
class Lease:
    """The right to serve one box of one conversation, as long as `fence` is the newest."""

    box: Box
    conversation_id: int
    fence: int


class LeaseLost(Exception):
    """Another worker serves this conversation now; what was not committed is theirs to do."""


def _column(box: Box, name: str) -> Any:
    return getattr(Conversation, f"{box}_{name}")


def _is_due(box: Box) -> ColumnElement[bool]:
    due, until = _column(box, "due_at"), _column(box, "leased_until")
    return and_(due <= func.now(), or_(until.is_(None), until < func.now()))


def taking(box: Box) -> Update:
    """Lease up to `:limit` conversations that are due and free, the longest waiting first."""
    until, fence = _column(box, "leased_until"), _column(box, "fence")
    free = (
        select(Conversation.id)
        .where(_is_due(box))
        .order_by(_column(box, "due_at"))
        .limit(bindparam("limit"))
        .with_for_update(skip_locked=True)
        .cte()
    )
    return (
        update(Conversation)
        .where(Conversation.id.in_(select(free.c.id)))
        .values({until: func.now() + DURATION, fence: fence + 1})
    )


def _take(box: Box) -> Executable:
    taken = taking(box).returning(Conversation.id, _column(box, "fence"))
    return taken.execution_options(synchronize_session=False)


def _hold(box: Box) -> Select[Conversation]:
    return (
        select(Conversation)
        .where(Conversation.id == bindparam("conversation_id"), _column(box, "fence") == bindparam("fence"))
        .with_for_update()
        .execution_options(populate_existing=True)
    )


# Made once: making them costs more than running them.
BOXES: tuple[Box, ...] = ("inbox", "outbox")
TAKE = {box: _take(box) for box in BOXES}
PASSED_OVER = {box: select(exists().where(_is_due(box))) for box in BOXES}
HOLD = {box: _hold(box) for box in BOXES}


async def take(session: AsyncSession, box: Box, limit: int) -> list[Lease]:
    """Lease up to `limit` conversations that are due and free, the longest waiting first."""
    taken = await session.execute(TAKE[box], {"limit": limit})
    return [Lease(box, conversation_id, number) for conversation_id, number in taken]


def take_held(conversation: Conversation, box: Box) -> Lease | None:
    """Lease a box of a conversation that the caller holds already; None while another worker may serve it."""
    if getattr(conversation, f"{box}_leased_until") is not None:
        return None
    fence = int(getattr(conversation, f"{box}_fence")) + 1
    setattr(conversation, f"{box}_leased_until", func.now() + DURATION)
    setattr(conversation, f"{box}_fence", fence)
    return Lease(box, conversation.id, fence)


async def passed_over(session: AsyncSession, box: Box) -> bool:
    """After `take` gave nothing: whether a conversation is due all the same, whose row somebody held at that moment."""
    return bool(await session.scalar(PASSED_OVER[box]))


async def extend(session: AsyncSession, leases: list[Lease]) -> None:
    """Hold on to leases that are still ours; one that was given back a moment ago stays free."""
    for lease in leases:
        until, fence = _column(lease.box, "leased_until"), _column(lease.box, "fence")
        await session.execute(
            update(Conversation)
            .where(Conversation.id == lease.conversation_id, fence == lease.fence, until.is_not(None))
            .values({until: func.now() + DURATION})
            .execution_options(synchronize_session=False)
        )


async def hold(session: AsyncSession, lease: Lease) -> Conversation:
    """The conversation, row-locked and still ours until this transaction ends; raises `LeaseLost`."""
    wanted = {"conversation_id": lease.conversation_id, "fence": lease.fence}
    conversation = await session.scalar(HOLD[lease.box], wanted)
    if conversation is None:
        raise LeaseLost(f"{lease.box} of conversation {lease.conversation_id}")
    return conversation


def give_back(conversation: Conversation, lease: Lease) -> None:
    """Undo `take_held` in the same transaction; the box stays as due as it was."""
    setattr(conversation, f"{lease.box}_leased_until", None)


def release(conversation: Conversation, box: Box, due_in: timedelta | None) -> None:
    """Give the lease back; look again after `due_in`, or only when something new comes."""
    setattr(conversation, f"{box}_leased_until", None)
    setattr(conversation, f"{box}_due_at", None if due_in is None else func.now() + due_in)
