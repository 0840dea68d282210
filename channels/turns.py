"""A turn in three transactions' worth of steps: begin (which message, which episode), answer, or fail."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import timedelta
from typing import cast
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from backend.conversations import leases, media
from backend.conversations.identity import identity_of
from backend.conversations.leases import Lease
from backend.conversations.models import (
    Contact,
    Conversation,
    InboundMedia,
    InboundMessage,
    InboundState,
    Kind,
    MediaState,
    Mode,
)
from backend.conversations.outgoing import Answering, Queued, Reply, queue_replies, queue_reply
from backend.core import clock
from backend.core.language import Language
from backend.core.texts import say
from backend.tickets import bot_tasks, satisfaction
from backend.tickets.models import TicketKind
from backend.tickets.opening import open_ticket
from backend.tickets.service import customer_wrote
from channels import dispatch, waiting
from channels.bot_client import BotAnswer, Question
from channels.dispatch import Departure
from channels.ready import Ways
from channels.waiting import Held, Waiting

GIVE_UP_AFTER = timedelta(minutes=2)
# After an outage many messages wait for their next try: waiting is no sign that the bot cannot answer this one. A bot
# that hangs comes to this many time-outs in two minutes, one that refuses to many more.
LEAST_TRIES = 5
APOLOGISE_AFTER = timedelta(seconds=3)
BACK_OFF = [0.5, 1.0, 2.0, 3.0, 5.0]
LONGEST_TEXT = 2000
INTERIM_POSITION = -1
CANNED_EFFECTS = {"follow": "welcome", "help": "sms_help", "opened": "greeting"}


@dataclass(frozen=True)
class Answered:
    """`is_last`: no other message waits. `leaving`: the first reply, if it leaves at once, and the outbox's lease."""

    is_last: bool
    leaving: tuple[Lease, Departure] | None


@dataclass(frozen=True)
class Turn:
    """A stored message whose answer is due: either the bot is asked, or the catalogue's text `canned` is said."""

    question: Question
    episode: int
    canned: str | None


async def begin(session: AsyncSession, lease: Lease) -> Turn | None:
    """The next stored message in sequence that the bot must answer; None (and the lease given back) when none is left,
    or when the next one's files are still being fetched.

    In human mode messages go to the agent instead.
    """
    return await begin_held(session, await waiting.hold(session, lease))


async def begin_held(session: AsyncSession, held: Held) -> Turn | None:
    """The same for a conversation that this transaction holds already."""
    conversation = held.conversation
    # None, too, may be old news: what was stored while the lease was taken is found by asking again.
    held = held if held.waiting else await waiting.hold(session, held.lease)
    while found := held.waiting:
        inbound = found.inbound
        may_be_heard = inbound.command is not None or found.is_comment_awaited
        heard = await satisfaction.heard(session, conversation, inbound) if may_be_heard else None
        if heard is None and _is_for_agent(conversation, found):
            inbound.state = InboundState.TO_AGENT
            await customer_wrote(session, conversation.id)
            held = await waiting.hold(session, held.lease)
            continue
        files = await media.of_message(session, inbound.id) if found.has_files else []
        if (wait := await media.waits_for(session, inbound, files)) is not None:
            leases.release(conversation, "inbox", wait)
            return None
        episode = inbound.episode or _episode_for(conversation, found)
        question = Question(
            message_id=inbound.id,
            sender_id=f"{conversation.id}:{episode}",
            text=inbound.text,
            command=inbound.command or document_command(files),
            language=inbound.language,
            channel=found.contact.channel,
            level=found.identity.level,
            received_at=inbound.received_at.isoformat(),
        )
        return Turn(question, episode, heard or canned_answer(inbound, files))
    leases.release(conversation, "inbox", None)
    return None


def _is_for_agent(conversation: Conversation, found: Waiting) -> bool:
    """In human mode the agent reads it, unless the bot does a step for the agent or the platform's HELP was asked."""
    if conversation.mode == Mode.BOT or found.inbound.payload.get("effect") == "help":
        return False
    return not found.is_in_step


def document_command(files: list[InboundMedia]) -> str | None:
    """The bot's command for a message with files: the first that is here, or else one that is still on its way."""
    usable = [file for file in files if file.state in (MediaState.STORED, MediaState.PENDING)]
    if not usable:
        return None
    first = next((file for file in usable if file.state == MediaState.STORED), usable[0])
    return "/upload_documents" + json.dumps({"document_id": str(first.id)})


def canned_answer(inbound: InboundMessage, files: list[InboundMedia] | None = None) -> str | None:
    """The catalogue's key for messages that the bot cannot read; None when it is to be asked."""
    if effect := CANNED_EFFECTS.get(str(inbound.payload.get("effect"))):
        return effect
    if inbound.command is not None or document_command(files or []):
        return None
    if files and inbound.type != "voice" and not inbound.text.strip():
        is_lost = any(file.state == MediaState.LOST for file in files)
        return "file_lost" if is_lost else "file_rejected"
    if inbound.type == "voice" and not inbound.text.strip():
        return "voice_unrecognised"
    if inbound.type not in ("text", "voice") and not inbound.text.strip():
        return "unsupported"
    if not inbound.text.strip():
        return "empty"
    return "too_long" if len(inbound.text) > LONGEST_TEXT else None


def _episode_for(conversation: Conversation, found: Waiting) -> int:
    """The bot's memory starts anew after idleness or many turns, but never in the middle of a form."""
    limits = found.episode_limits
    last, now = conversation.episode_last_at, found.inbound.received_at
    idle = "idle_minutes_in_form" if conversation.active_form else "idle_minutes"
    is_idle = last is not None and now - last > timedelta(minutes=limits[idle])
    is_long = conversation.episode_turns >= limits["turns"] and not conversation.active_form
    if is_idle or is_long:
        conversation.episode += 1
        conversation.episode_turns = 0
        conversation.active_form = None
        # Who begins this turn again after a crash must not begin yet another.
        found.inbound.episode = conversation.episode
    return conversation.episode


async def answer(
    session: AsyncSession, lease: Lease, turn: Turn, said: BotAnswer, ways: Ways | None = None
) -> Answered:
    """Replies, the message's state and the record change together; raises `LeaseLost` and changes nothing.

    When no other message waits, the lease is given back, too. `ways`: how the first reply may leave at once.
    """
    held = await waiting.hold(session, lease, turn.question.message_id)
    assert held.waiting is not None, "messages are never deleted"
    conversation, found = held.conversation, held.waiting
    inbound = found.inbound
    leaves = ways is not None and dispatch.leaves_at_once(conversation, found, ways)
    replies = await _queue_replies(session, conversation, turn, found, said, leaves)
    conversation.interim_at = None
    if turn.episode == conversation.episode:
        conversation.episode_turns += 1
        conversation.episode_last_at = inbound.received_at
        conversation.active_form = said.active_form
    if found.is_last:
        leases.release(conversation, "inbox", None)
    if found.is_in_step:
        await bot_tasks.progress(session, conversation)
    leaving = None
    if ways is not None and found.is_way_free:
        leaving = await dispatch.leave_at_once(session, conversation, replies[0], ways)
    return Answered(found.is_last, leaving)


async def _queue_replies(
    session: AsyncSession,
    conversation: Conversation,
    turn: Turn,
    found: Waiting,
    said: BotAnswer,
    leaves: bool,
) -> list[Queued]:
    # One numbering over all of an answer's buttons, so that a typed digit names one of them.
    button, replies = 1, []
    for position, reply in enumerate(said.replies, 1):
        replies.append(
            Reply(
                text=reply.text or "",
                buttons=[(offered.title, offered.payload) for offered in reply.offered],
                first_button=button,
                payload=reply.payload,
                inbound_id=found.inbound.id,
                position=position,
                intent=said.intent,
                confidence=said.confidence,
                leaves=leaves and position == 1,
            )
        )
        button += len(reply.offered)
    answering = Answering(found.inbound.id, said.intent, said.confidence, turn.episode, said.understanding)
    with session.no_autoflush:  # what else is to be written goes out together, at the end
        return await queue_replies(session, conversation, found.contact, found.identity, replies, answering)


def canned(turn: Turn) -> BotAnswer:
    """The catalogue's answer to a message that the bot cannot read."""
    key, language = turn.canned or "unsupported", cast(Language, turn.question.language)
    buttons = [
        {"title": title, "payload": command}
        for title, command in satisfaction.next_buttons(key, turn.question.command, language)
    ]
    return BotAnswer.model_validate({"replies": [{"text": say(key, language), "buttons": buttons}]})


async def fail(
    session: AsyncSession, lease: Lease, turn: Turn, error: str, zone: ZoneInfo, was_asked: bool = True
) -> str | None:
    """Note the failure: try again soon, apologise once an outage, and after two minutes of tries open a ticket.

    A message is given up only when the bot was asked it just now, and failed. Gives the ticket's number when one stands
    for the message now.
    """
    conversation = await leases.hold(session, lease)
    inbound = await session.get_one(InboundMessage, turn.question.message_id)
    now = clock.machine_now()
    inbound.attempts += 1
    inbound.episode = turn.episode
    inbound.first_failed_at = inbound.first_failed_at or now
    inbound.last_error = error if was_asked else inbound.last_error or error
    failing_for = now - inbound.first_failed_at
    outage_for = now - conversation.interim_at if conversation.interim_at else timedelta()
    if was_asked and inbound.attempts >= LEAST_TRIES and max(failing_for, outage_for) >= GIVE_UP_AFTER:
        return await _give_up(session, conversation, inbound, zone)
    if conversation.interim_at is None and (failing_for >= APOLOGISE_AFTER or error.endswith("Timeout")):
        conversation.interim_at = now
        await _say(session, conversation, inbound, "interim", Kind.INTERIM, INTERIM_POSITION, None)
    wait = BACK_OFF[min(inbound.attempts, len(BACK_OFF)) - 1]
    leases.release(conversation, "inbox", timedelta(seconds=wait))
    return None


async def _give_up(
    session: AsyncSession, conversation: Conversation, inbound: InboundMessage, zone: ZoneInfo
) -> str:
    language = cast(Language, inbound.language)
    summary = say("failed_summary", language, text=inbound.text[:500])
    ticket, is_new = await open_ticket(session, zone, conversation.id, TicketKind.INQUIRY, summary)
    inbound.state = InboundState.FAILED
    if is_new:
        await _say(session, conversation, inbound, "failed", Kind.MESSAGE, 1, ticket.number)
    leases.release(conversation, "inbox", timedelta())
    return ticket.number


async def _say(
    session: AsyncSession,
    conversation: Conversation,
    inbound: InboundMessage,
    key: str,
    kind: Kind,
    position: int,
    ticket: str | None,
) -> None:
    contact = await session.get_one(Contact, conversation.contact_id)
    identity = await identity_of(session, contact)
    text = say(key, cast(Language, inbound.language), ticket=ticket)
    reply = Reply(text=text, speaker="system", kind=kind, inbound_id=inbound.id, position=position)
    await queue_reply(session, conversation, contact, identity, reply)
