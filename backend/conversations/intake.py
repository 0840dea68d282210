"""Intake: a verified message is stored once, with its place in the conversation, before it is acknowledged."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from backend.conversations import choices, media, overflow
from backend.conversations.door import hide_numbers
from backend.conversations.media import IncomingMedia
from backend.conversations.models import (
    Contact,
    Conversation,
    InboundMessage,
    InboundState,
    Interaction,
    SendAllowance,
)
from backend.conversations.outgoing import release_held
from backend.conversations.place import Key, Place, find
from backend.conversations.storing import write
from backend.core import clock, language
from backend.core.crypto import Vault
from backend.notices import consents

NO_REPLY_EFFECTS = frozenset({"opt_out", "opt_in", "unfollow", "help_given", "one_way"})
# A word that the platform defines: what consent it gives or takes, and how the record names it.
CONSENT_EFFECTS = {
    "opt_out": (False, "STOP"),
    "opt_in": (True, "START"),
    "unfollow": (False, "unsubscribe"),
    "follow": (True, "subscribe"),
}
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")


@dataclass(frozen=True)
class IncomingMessage:
    """What a connector parsed. `sender` and `external_id` are the platform's; `choice` is the token of our button.

    `type`: text, image, file, voice, video, location, link, event, unsupported. `effect`: opt_out, opt_in, follow,
    unfollow, help (the platform's word for it), help_given (the platform answered it), one_way (no conversation),
    opened (a widget was opened, nothing was said). `language` is the client's, for a conversation without words yet.
    `allowance`: (reason, sends, duration) that this message lets us send on a platform that counts.
    `over`: the rate limit that it is over, `contact` or `account`.
    """

    channel: str
    account: str
    sender: str
    external_id: str
    type: str = "text"
    text: str = ""
    choice: str | None = None
    payload: dict[str, Any] = field(default_factory=dict)
    received_at: datetime = field(default_factory=clock.now)
    display_name: str | None = None
    effect: str | None = None
    allowance: tuple[str, int, timedelta] | None = None
    media: tuple[IncomingMedia, ...] = ()
    language: str | None = None
    over: str | None = None


@dataclass(frozen=True)
class Receipt:
    """Where the message lies; `is_new` is False for a repeated delivery."""

    inbound_id: int
    conversation_id: int
    seq: int
    is_new: bool
    media_ids: tuple[int, ...] = ()


async def receive(session: AsyncSession, vault: Vault, message: IncomingMessage) -> Receipt:
    """Store `message` once per (channel, account, sender, external_id). The caller commits, then wakes the inbox."""
    (receipt,) = await _take_in(session, vault, [(await _find_place(session, message), message)])
    return receipt


async def receive_together(
    session: AsyncSession, vault: Vault, messages: Sequence[IncomingMessage]
) -> list[Receipt | None]:
    """Store messages of different senders with as many statements as one takes.

    Gives None for what must be received by itself: the first that is heard of a sender, what has consequences beyond
    its conversation, and what would have to wait for whoever holds the conversation.
    """
    keys = [_key(message) for message in messages]
    places = await find(session, keys, waits=False)
    taken = [
        (places[key], message)
        for key, message in zip(keys, messages, strict=True)
        if key in places and message.effect is None and not message.media
    ]
    receipts = await _take_in(session, vault, taken)
    given = {_key(message): receipt for (_, message), receipt in zip(taken, receipts, strict=True)}
    return [given.get(key) for key in keys]


@dataclass(frozen=True)
class _Arrival:
    """A message that is new, as it is to be stored; `over` is why the bot is not asked, if it is not."""

    place: Place
    message: IncomingMessage
    inbound: InboundMessage
    over: str | None


async def _take_in(
    session: AsyncSession, vault: Vault, messages: Sequence[tuple[Place, IncomingMessage]]
) -> list[Receipt]:
    """Store what is new of these and do what follows from it."""
    new = [(place, message) for place, message in messages if place.known is None]
    arrivals = [await _arrival(session, vault, place, message) for place, message in new]
    if arrivals:
        await write(session, [(one.place, one.inbound) for one in arrivals])
    receipts = {one.place.conversation_id: await _follow_up(session, vault, one) for one in arrivals}
    return [receipts.get(place.conversation_id) or await _again(session, place) for place, _ in messages]


async def _again(session: AsyncSession, place: Place) -> Receipt:
    assert place.known is not None
    known_id, known_seq = place.known
    files = tuple(row.id for row in await media.of_message(session, known_id))
    return Receipt(known_id, place.conversation_id, known_seq, is_new=False, media_ids=files)


async def _follow_up(session: AsyncSession, vault: Vault, arrival: _Arrival) -> Receipt:
    place, message, inbound, over = arrival.place, arrival.message, arrival.inbound, arrival.over
    if message.effect is not None or message.allowance is not None or over is not None:
        contact, conversation = await place.rows(session)
        await _apply_effect(session, contact, message)
        if message.allowance is not None:
            await release_held(session, conversation)
        if over is not None:
            await overflow.tell(session, conversation, contact, place.identity, over)
    ids = await _note_files(session, vault, place.conversation_id, inbound, message) if message.media else ()
    return Receipt(inbound.id, place.conversation_id, inbound.seq, True, ids)


async def _note_files(
    session: AsyncSession,
    vault: Vault,
    conversation_id: int,
    inbound: InboundMessage,
    message: IncomingMessage,
) -> tuple[int, ...]:
    """Write the message's files down, show them in the record and hand in those that are stored already."""
    files = await media.note(session, vault, inbound, _clean(session, vault, conversation_id, message))
    shown = {"type": inbound.type} | inbound.payload | {"media": media.shown(files)}
    recorded = update(Interaction).where(Interaction.inbound_id == inbound.id, Interaction.position == 0)
    await session.execute(recorded.values(details=shown))
    await media.hand_in(session, files)
    return tuple(row.id for row in files)


def _clean(
    session: AsyncSession, vault: Vault, conversation_id: int, message: IncomingMessage
) -> list[IncomingMedia]:
    """The files with the names that people gave them, numbers hidden."""
    return [
        replace(item, name=hide_numbers(session, vault, conversation_id, _storable(item.name)[:200], False))
        for item in message.media
    ]


async def _find_place(session: AsyncSession, message: IncomingMessage) -> Place:
    """The conversation, row-locked: messages of one contact are stored one after the other."""
    key = _key(message)
    found = await find(session, [key])
    if not found:
        await _first_words(session, message)
        found = await find(session, [key])
    return found[key]


def _key(message: IncomingMessage) -> Key:
    return Key(message.channel, message.account, message.sender, message.external_id)


async def _first_words(session: AsyncSession, message: IncomingMessage) -> None:
    """Make the contact and its conversation, unless another message made them a moment ago."""
    key = {"channel": message.channel, "account": message.account, "external_id": message.sender}
    new = insert(Contact).values(**key, display_name=_storable(message.display_name), created_at=clock.now())
    await session.execute(new.on_conflict_do_nothing())
    contact_id = (await session.scalars(select(Contact.id).filter_by(**key))).one()
    first = insert(Conversation).values(
        contact_id=contact_id, language=_first_language(message), created_at=clock.now()
    )
    await session.execute(first.on_conflict_do_nothing())


def _first_language(message: IncomingMessage) -> str:
    """Of the words, when they tell; else of the client."""
    hint = cast(language.Language | None, message.language)
    return language.detect(message.text, hint)


async def _arrival(session: AsyncSession, vault: Vault, place: Place, message: IncomingMessage) -> _Arrival:
    if message.effect == "opt_in" and not place.is_opted_out:
        message = replace(message, effect=None)  # "yes" from who never opted out is an answer like any other
    over = overflow.reason(place.mode, message.over, place.waiting)
    text = CONTROL.sub("", message.text)
    choice = await choices.find(session, place.conversation_id, message.choice, text)
    expects_code = place.code_until is not None and place.code_until > clock.now()
    spoken = cast(language.Language, place.language)
    if choice is None and message.effect is None:
        spoken = language.detect(text, spoken)
    if choice is None:
        text = hide_numbers(session, vault, place.conversation_id, text, expects_code)
    notes = {"effect": message.effect, "over": over}
    inbound = InboundMessage(
        contact_id=place.contact_id,
        conversation_id=place.conversation_id,
        external_id=message.external_id,
        seq=place.last_seq + 1,
        type=message.type,
        text=choice.title if choice else text,
        command=choice.command if choice else None,
        payload=_storable(message.payload) | {name: note for name, note in notes.items() if note},
        language=spoken,
        received_at=message.received_at,
        state=InboundState.NO_REPLY_DUE if over in overflow.UNANSWERED else _initial_state(message),
    )
    return _Arrival(place, message, inbound, over)


def _storable(value: Any) -> Any:
    """The same without control characters, which the database refuses: a message is never lost for one."""
    if isinstance(value, str):
        return CONTROL.sub("", value)
    if isinstance(value, dict):
        return {_storable(key): _storable(item) for key, item in value.items()}
    return [_storable(item) for item in value] if isinstance(value, list) else value


def _initial_state(message: IncomingMessage) -> InboundState:
    is_silent = message.effect in NO_REPLY_EFFECTS or (
        message.type == "event" and message.effect != "follow" and message.choice is None
    )
    return InboundState.NO_REPLY_DUE if is_silent else InboundState.STORED


async def _apply_effect(session: AsyncSession, contact: Contact, message: IncomingMessage) -> None:
    if message.effect == "opt_out":
        contact.opted_out_at = message.received_at
    elif message.effect == "opt_in":
        contact.opted_out_at = None
    elif message.effect == "unfollow":
        contact.unfollowed_at = message.received_at
    elif message.effect == "follow":
        contact.unfollowed_at = None
    if message.effect in CONSENT_EFFECTS:
        given, source = CONSENT_EFFECTS[message.effect]
        await consents.record_contact(session, contact.id, given, source)
    if message.allowance is not None:
        contact.unfollowed_at = None  # who writes to us can be answered
        reason, sends, duration = message.allowance
        opened = clock.now()
        session.add(
            SendAllowance(
                contact_id=contact.id,
                reason=reason,
                opened_at=opened,
                expires_at=opened + duration,
                allowed=sends,
            )
        )
