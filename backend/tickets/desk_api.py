"""The desk's other moves: transfer, assign, wait, merge, reopen, back to the bot, and steps handed to the bot."""

from __future__ import annotations

from fastapi import APIRouter, BackgroundTasks, Request
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.conversations.models import Conversation
from backend.core import live
from backend.core.access import Principal
from backend.core.db import SessionDep
from backend.core.errors import NotFound
from backend.core.language import Language
from backend.core.texts import say
from backend.tickets import bot_tasks, merging, moving, service
from backend.tickets.api import Writer, agent_id_of
from backend.tickets.models import Ticket
from backend.tickets.reading import detail
from backend.tickets.schemas import (
    Accept,
    AssignBody,
    BotTaskBody,
    MergeBody,
    NoteOnly,
    TicketDetail,
    TransferBody,
)

router = APIRouter(prefix="/api/v1/tickets", tags=["tickets"])


async def _locked(session: AsyncSession, number: str) -> tuple[Ticket, Conversation]:
    """The ticket as it is once its conversation is locked."""
    ticket = await service.ticket_by_number(session, number)
    conversation = await service.locked_conversation(session, ticket.conversation_id)
    await session.refresh(ticket)
    return ticket, conversation


def _tell(request: Request, background: BackgroundTasks, ticket: Ticket) -> None:
    """After the commit: open consoles read the ticket again, and the worker looks at the conversation."""
    redis = request.app.state.redis
    background.add_task(live.announce, redis, "ticket", ticket.conversation_id, ticket.number)
    background.add_task(live.wake, redis, live.OUTBOX)
    background.add_task(live.wake, redis, live.INBOX)


@router.post("/{number}/wait", summary="Wait for the customer: clocks stand still")
async def wait_for_customer(
    number: str,
    _: Accept,
    session: SessionDep,
    principal: Writer,
    request: Request,
    background: BackgroundTasks,
) -> TicketDetail:
    """Until the customer writes, or the agent replies. Again changes nothing."""
    ticket = await service.wait_for_customer(session, number, agent_id_of(principal))
    _tell(request, background, ticket)
    return await detail(session, number)


@router.post("/{number}/continue", summary="Wait no longer: clocks run again")
async def go_on(
    number: str,
    _: Accept,
    session: SessionDep,
    principal: Writer,
    request: Request,
    background: BackgroundTasks,
) -> TicketDetail:
    """Without a word to the customer; a reply does the same. Again changes nothing."""
    ticket = await service.go_on(session, number, agent_id_of(principal))
    _tell(request, background, ticket)
    return await detail(session, number)


@router.post("/{number}/transfer", summary="Give the ticket to another group of skills")
async def transfer_ticket(
    number: str,
    body: TransferBody,
    session: SessionDep,
    principal: Writer,
    request: Request,
    background: BackgroundTasks,
) -> TicketDetail:
    """Back into the queue; its agent, or a supervisor, may do it."""
    ticket, _ = await _locked(session, number)
    _may_move(principal, ticket)
    await moving.transfer(session, ticket, body.skill, agent_id_of(principal), body.note)
    _tell(request, background, ticket)
    return await detail(session, number)


@router.post("/{number}/assign", summary="Give the ticket to an agent")
async def assign_ticket(
    number: str,
    body: AssignBody,
    session: SessionDep,
    principal: Writer,
    request: Request,
    background: BackgroundTasks,
) -> TicketDetail:
    """A supervisor assigns or takes over any ticket; an agent hands on the own one."""
    ticket, conversation = await _locked(session, number)
    _may_move(principal, ticket)
    to = await moving.active_agent(session, body.agent_id)
    await moving.assign(session, ticket, conversation, to, agent_id_of(principal), body.note)
    _tell(request, background, ticket)
    return await detail(session, number)


def _may_move(principal: Principal, ticket: Ticket) -> None:
    if "tickets:assign" not in principal.scopes and ticket.agent_id != principal.agent_id:
        raise service.TicketNotOpen("This ticket is not yours. Accept it first, or ask a supervisor.")


@router.post("/{number}/merge", summary="Make two tickets of one person one")
async def merge_ticket(
    number: str,
    body: MergeBody,
    session: SessionDep,
    principal: Writer,
    request: Request,
    background: BackgroundTasks,
) -> TicketDetail:
    """Notes and links move into the other ticket; this one is closed as merged. Gives the other one."""
    ids = sorted({(await service.ticket_by_number(session, one)).id for one in (number, body.into)})
    await session.execute(select(Ticket.id).where(Ticket.id.in_(ids)).order_by(Ticket.id).with_for_update())
    ticket = await service.ticket_by_number(session, number)
    into = await service.ticket_by_number(session, body.into)
    await session.refresh(ticket)
    await session.refresh(into)
    await merging.merge(session, ticket, into, agent_id_of(principal))
    conversation = await service.locked_conversation(session, ticket.conversation_id)
    await service.back_to_bot(session, conversation)
    _tell(request, background, ticket)
    _tell(request, background, into)
    return await detail(session, body.into)


@router.post("/{number}/reopen", summary="Open a resolved ticket again")
async def reopen_ticket(
    number: str,
    _: Accept,
    session: SessionDep,
    principal: Writer,
    request: Request,
    background: BackgroundTasks,
) -> TicketDetail:
    """It goes back into the queue with its history; the time it was closed does not count."""
    ticket, _conversation = await _locked(session, number)
    await merging.reopen(session, ticket, agent_id_of(principal))
    _tell(request, background, ticket)
    return await detail(session, number)


@router.post("/{number}/return-to-bot", summary="Give the conversation back to the bot")
async def return_to_bot(
    number: str,
    body: NoteOnly,
    session: SessionDep,
    principal: Writer,
    request: Request,
    background: BackgroundTasks,
) -> TicketDetail:
    """Closes the ticket without asking for a rating; the bot says that it goes on."""
    ticket = await service.ticket_by_number(session, number)
    language: Language = ticket.language  # type: ignore[assignment]
    ending = service.Ending("returned_to_bot", body.note, say("returned", language), [])
    ticket = await service.resolve_ticket(session, number, agent_id_of(principal), ending)
    _tell(request, background, ticket)
    return await detail(session, number)


@router.post("/{number}/bot-task", summary="Hand a step to the bot")
async def begin_bot_task(
    number: str,
    body: BotTaskBody,
    session: SessionDep,
    principal: Writer,
    request: Request,
    background: BackgroundTasks,
) -> TicketDetail:
    """The bot proves the customer's identity or collects documents, then the agent gets the result and goes on."""
    ticket, conversation = await service.own_ticket(session, number, agent_id_of(principal))
    await bot_tasks.begin(session, ticket, conversation, body.kind, agent_id_of(principal))
    _tell(request, background, ticket)
    return await detail(session, number)


@router.post("/{number}/bot-task/cancel", summary="Take the step back from the bot")
async def cancel_bot_task(
    number: str,
    _: Accept,
    session: SessionDep,
    principal: Writer,
    request: Request,
    background: BackgroundTasks,
) -> TicketDetail:
    """404 when the bot does nothing for this conversation."""
    ticket, conversation = await service.own_ticket(session, number, agent_id_of(principal))
    task = await bot_tasks.running(session, conversation.id)
    if task is None:
        raise NotFound("The bot does nothing here at the moment.")
    await bot_tasks.end(session, conversation, task, "cancelled", agent_id_of(principal))
    _tell(request, background, ticket)
    return await detail(session, number)
