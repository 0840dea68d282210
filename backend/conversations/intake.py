"""Intake: a verified message is stored once, with its place in the conversation, before it is acknowledged."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from backend.conversations import choices
from backend.conversations.door import hide_numbers
from backend.conversations.identity import identity_of
from backend.conversations.models import (
    Contact,
    Conversation,
    InboundMessage,
    InboundState,
    Interaction,
    Kind,
    SendAllowance,
)
from backend.core import clock, language
from backend.core.crypto import Vault

NO_REPLY_EFFECTS = frozenset({"opt_out", "opt_in", "unfollow"})
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")


@dataclass(frozen=True)
class IncomingMessage:
    """What a connector parsed. `sender` and `external_id` are the platform's; `choice` is the token of our button.

    `type`: text, image, voice, video, location, link, event, unsupported. `effect`: opt_out, opt_in, follow, unfollow.
    `allowance`: (reason, sends, duration) that this message lets us send on a platform that counts.
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


@dataclass(frozen=True)
class Receipt:
    """Where the message lies; `is_new` is False for a repeated delivery."""

    inbound_id: int
    conversation_id: int
    seq: int
    is_new: bool


async def receive(session: AsyncSession, vault: Vault, message: IncomingMessage) -> Receipt:
    """Store `message` once per (channel, account, sender, external_id). The caller commits, then wakes the inbox."""
    contact, conversation = await _open_conversation(session, message)
    known = await session.scalar(
        select(InboundMessage).where(
            InboundMessage.contact_id == contact.id, InboundMessage.external_id == message.external_id
        )
    )
    if known is not None:
        return Receipt(known.id, conversation.id, known.seq, is_new=False)
    if message.effect == "opt_in" and contact.opted_out_at is None:
        message = replace(message, effect=None)  # "yes" from who never opted out is an answer like any other
    inbound = await _store(session, vault, contact, conversation, message)
    await _apply_effect(session, contact, message)
    await _record(session, contact, inbound)
    if inbound.state == InboundState.STORED:
        conversation.inbox_due_at = conversation.inbox_due_at or cast(Any, func.now())
    await session.flush()
    return Receipt(inbound.id, conversation.id, inbound.seq, is_new=True)


async def _open_conversation(session: AsyncSession, message: IncomingMessage) -> tuple[Contact, Conversation]:
    """The contact and its conversation, row-locked: messages of one contact are stored one after the other."""
    key = {"channel": message.channel, "account": message.account, "external_id": message.sender}
    find = select(Contact).filter_by(**key)
    contact = await session.scalar(find)
    if contact is None:
        new_contact = insert(Contact).values(
            **key, display_name=_storable(message.display_name), created_at=clock.now()
        )
        await session.execute(new_contact.on_conflict_do_nothing())
        contact = (await session.scalars(find)).one()
    lock = select(Conversation).where(Conversation.contact_id == contact.id).with_for_update()
    conversation = await session.scalar(lock)
    if conversation is None:
        first = insert(Conversation).values(
            contact_id=contact.id, language=language.detect(message.text), created_at=clock.now()
        )
        await session.execute(first.on_conflict_do_nothing())
        conversation = (await session.scalars(lock)).one()
    return contact, conversation


async def _store(
    session: AsyncSession,
    vault: Vault,
    contact: Contact,
    conversation: Conversation,
    message: IncomingMessage,
) -> InboundMessage:
    text = CONTROL.sub("", message.text)
    choice = await choices.find(session, conversation, message.choice, text)
    expects_code = conversation.code_until is not None and conversation.code_until > clock.now()
    if choice is None:
        conversation.language = language.detect(text, cast(language.Language, conversation.language))
        text = hide_numbers(session, vault, conversation.id, text, expects_code)
    conversation.last_seq += 1
    conversation.last_inbound_at = message.received_at
    inbound = InboundMessage(
        contact_id=contact.id,
        conversation_id=conversation.id,
        external_id=message.external_id,
        seq=conversation.last_seq,
        type=message.type,
        text=choice.title if choice else text,
        command=choice.command if choice else None,
        payload=_storable(message.payload) | ({"effect": message.effect} if message.effect else {}),
        language=conversation.language,
        received_at=message.received_at,
        state=_initial_state(message),
    )
    session.add(inbound)
    await session.flush()
    return inbound


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
    if message.allowance is not None:
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


async def _record(session: AsyncSession, contact: Contact, inbound: InboundMessage) -> None:
    identity = await identity_of(session, contact)
    session.add(
        Interaction(
            customer_id=identity.customer_id,
            contact_id=contact.id,
            conversation_id=inbound.conversation_id,
            channel=contact.channel,
            direction="inbound",
            speaker="customer",
            kind=Kind.EVENT if inbound.type == "event" else Kind.MESSAGE,
            text=inbound.text,
            details={"type": inbound.type} | inbound.payload,
            language=inbound.language,
            level=identity.level,
            inbound_id=inbound.id,
            position=0,
            occurred_at=inbound.received_at,
        )
    )
