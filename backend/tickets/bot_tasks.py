"""A step that the agent hands to the bot, and gets the result of, while the conversation stays the agent's."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum
from typing import Any, cast

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.conversations.identity import identity_of
from backend.conversations.models import (
    Contact,
    Conversation,
    InboundMedia,
    InboundMessage,
    Interaction,
    Kind,
    MediaState,
    Mode,
    OfferedChoice,
    OutboundMessage,
)
from backend.core import clock
from backend.core.errors import Conflict
from backend.tickets.history import note_event
from backend.tickets.models import BotTask, Ticket

GIVES_UP_AFTER = timedelta(minutes=30)


class BotTaskKind(StrEnum):
    VERIFY_IDENTITY = "verify_identity"
    COLLECT_DOCUMENTS = "collect_documents"


COMMANDS = {
    BotTaskKind.VERIFY_IDENTITY: "/verify_identity",
    BotTaskKind.COLLECT_DOCUMENTS: "/upload_documents",
}


class AlreadyRunning(Conflict):
    """The bot is in the middle of another step of this conversation."""

    code = "bot_task_running"


async def running(session: AsyncSession, conversation_id: int) -> BotTask | None:
    """The step that the bot is doing in this conversation now."""
    return await session.scalar(
        select(BotTask).where(BotTask.conversation_id == conversation_id, BotTask.ended_at.is_(None))
    )


async def begin(
    session: AsyncSession, ticket: Ticket, conversation: Conversation, kind: BotTaskKind, agent_id: int
) -> BotTask:
    """Hand the step to the bot: it speaks first. The caller locked the conversation, and wakes the inbox."""
    if await running(session, conversation.id) is not None:
        raise AlreadyRunning("The bot is still busy with the step before. Wait for it, or cancel it.")
    task = BotTask(
        ticket_id=ticket.id,
        conversation_id=conversation.id,
        kind=kind,
        agent_id=agent_id,
        begun_at=clock.now(),
    )
    session.add(task)
    await session.flush()
    _ask_the_bot(session, conversation, COMMANDS[kind], f"bot-task:{task.id}")
    await note_event(session, ticket, "bot_task_begun", agent_id, task=kind)
    return task


def _ask_the_bot(session: AsyncSession, conversation: Conversation, command: str, external_id: str) -> None:
    """A message of ours in the customer's place, so that the bot's turn goes the one way all turns go."""
    conversation.last_seq += 1
    conversation.episode += 1  # a clean memory: what the agent talked about is not the bot's
    conversation.episode_turns = 0
    conversation.active_form = None
    conversation.inbox_due_at = conversation.inbox_due_at or cast(Any, func.now())
    session.add(
        InboundMessage(
            contact_id=conversation.contact_id,
            conversation_id=conversation.id,
            external_id=external_id,
            seq=conversation.last_seq,
            type="task",
            text="",
            command=command,
            payload={},
            language=conversation.language,
            received_at=clock.now(),
        )
    )


async def progress(session: AsyncSession, conversation: Conversation) -> BotTask | None:
    """After a turn of the bot: end the step when it is done. Gives the step that ended now."""
    task = await running(session, conversation.id)
    if task is None:
        return None
    result = await _result(session, conversation, task)
    if result is not None:
        await end(session, conversation, task, result)
        return task
    return None


async def _result(session: AsyncSession, conversation: Conversation, task: BotTask) -> str | None:
    contact = await session.get_one(Contact, conversation.contact_id)
    if task.kind == BotTaskKind.VERIFY_IDENTITY and (await identity_of(session, contact)).level == 2:
        return "verified"
    if conversation.active_form is not None:
        return None
    if task.kind == BotTaskKind.VERIFY_IDENTITY:
        return "not_verified"
    if await _asks_about_a_file(session, conversation.id):
        return None
    files = await session.scalar(
        select(func.count(InboundMedia.id))
        .join(InboundMessage, InboundMessage.id == InboundMedia.inbound_id)
        .where(
            InboundMessage.conversation_id == conversation.id,
            InboundMessage.received_at >= task.begun_at,
            InboundMedia.state.in_((MediaState.STORED, MediaState.PENDING)),
        )
    )
    return "collected" if files else None


async def _asks_about_a_file(session: AsyncSession, conversation_id: int) -> bool:
    """Whether the bot's last word offers to say which document a file is, or which claim it belongs to."""
    last = select(func.max(OutboundMessage.id)).where(OutboundMessage.conversation_id == conversation_id)
    offered = select(OfferedChoice.token).where(
        OfferedChoice.conversation_id == conversation_id,
        OfferedChoice.outbound_id == last.scalar_subquery(),
        OfferedChoice.command.contains("document_id"),
    )
    return await session.scalar(offered.limit(1)) is not None


async def end(
    session: AsyncSession, conversation: Conversation, task: BotTask, result: str, agent_id: int | None = None
) -> None:
    """Close the step, tell the ticket, and leave the bot's memory of it behind."""
    task.ended_at, task.result = clock.now(), result
    if conversation.mode == Mode.HUMAN:
        conversation.episode += 1
        conversation.episode_turns = 0
        conversation.active_form = None
    ticket = await session.get_one(Ticket, task.ticket_id)
    await note_event(session, ticket, "bot_task_ended", agent_id, task=task.kind, result=result)
    session.add(
        Interaction(
            customer_id=ticket.customer_id,
            contact_id=conversation.contact_id,
            conversation_id=conversation.id,
            channel=ticket.channel,
            direction="internal",
            speaker="system",
            kind=Kind.ACTION,
            text=task.kind,
            details={"bot_task": task.kind, "result": result},
            language=conversation.language,
            ticket_id=ticket.id,
            occurred_at=clock.now(),
        )
    )


async def expired(session: AsyncSession) -> list[BotTask]:
    """Steps that nobody finished in half an hour."""
    query = select(BotTask).where(BotTask.ended_at.is_(None), BotTask.begun_at < clock.now() - GIVES_UP_AFTER)
    return list(await session.scalars(query))
