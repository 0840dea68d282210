"""The one way out: a reply, code or notice is queued for the outbox and written to the record in one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any, cast

from sqlalchemy import func, update
from sqlalchemy.ext.asyncio import AsyncSession

from backend.conversations.choices import new_token
from backend.conversations.identity import Identity
from backend.conversations.models import (
    NEXT_MESSAGE,
    Contact,
    Conversation,
    Kind,
    Lane,
    OfferedChoice,
    OutboundFile,
    OutboundMessage,
    OutboundState,
)
from backend.conversations.queueing import QUEUE
from backend.core import clock
from backend.core.files import StoredFile


@dataclass(frozen=True)
class Address:
    """Another place than the conversation's own contact: a customer's phone."""

    channel: str
    account: str
    recipient: str


@dataclass(frozen=True)
class Attachment:
    """A stored picture or PDF that goes with a reply; `name` is what people read."""

    stored: StoredFile
    name: str

    @property
    def is_picture(self) -> bool:
        return self.stored.content_type.startswith("image/")

    def payload(self) -> dict[str, Any]:
        """As channels get it: the file for all of them, the picture for those that can show one."""
        kind = self.stored.content_type
        about = {"file_name": self.name, "content_type": kind, "size": self.stored.size}
        picture = {"image": {"name": self.stored.name, "content_type": kind}} if self.is_picture else {}
        return {"file": about} | picture

    def shown(self) -> dict[str, Any]:
        """As the record shows it, like a file of the customer's."""
        return {
            "kind": "image" if self.is_picture else "file",
            "name": self.stored.name,
            "file_name": self.name,
            "content_type": self.stored.content_type,
            "size": self.stored.size,
            "state": "stored",
        }


@dataclass(frozen=True)
class Reply:
    """What is to be said. `buttons` are (title, the bot's command); `position` is its place in the answer.

    `payload`: `link` {title, url}, `notice` {template, values}, `image` {name, content_type} of a stored file.
    `leaves`: it is being sent as soon as it is stored, by whoever stores it.
    """

    text: str
    speaker: str = "bot"
    kind: Kind = Kind.MESSAGE
    lane: Lane = Lane.REPLY
    buttons: list[tuple[str, str]] = field(default_factory=list)
    first_button: int = 1
    payload: dict[str, Any] = field(default_factory=dict)
    inbound_id: int | None = None
    position: int | None = None
    key: str | None = None
    agent_id: int | None = None
    ticket_id: int | None = None
    intent: str | None = None
    confidence: float | None = None
    to: Address | None = None
    attachment: Attachment | None = None
    leaves: bool = False


@dataclass(frozen=True)
class Answering:
    """The message that replies answer, and how the bot understood it."""

    inbound_id: int
    intent: str | None
    confidence: float | None
    episode: int
    understanding: dict[str, Any]


@dataclass(frozen=True)
class Queued:
    """A message in the outbox, what it offers, and whom it goes to, if that is the conversation's own contact."""

    outbound: OutboundMessage
    choices: list[OfferedChoice]
    recipient: Contact | None


async def queue_reply(
    session: AsyncSession, conversation: Conversation, contact: Contact, identity: Identity, reply: Reply
) -> OutboundMessage:
    """Queue `reply` to the contact and record it. The caller commits, then wakes the outbox."""
    (queued,) = await queue_replies(session, conversation, contact, identity, [reply])
    if reply.attachment is not None:
        session.add(_file(queued.outbound, reply.attachment))
    return queued.outbound


async def queue_replies(
    session: AsyncSession,
    conversation: Conversation,
    contact: Contact,
    identity: Identity,
    replies: Sequence[Reply],
    answering: Answering | None = None,
) -> list[Queued]:
    """Queue replies without attachments, in this order, and record them: one statement, for an answer waits for it.

    The message that they answer is answered then, and the record notes how it was understood.
    """
    choices = [_choices(reply) for reply in replies]
    queued = await session.scalars(
        QUEUE,
        {
            "conversation_id": conversation.id,
            "contact_id": contact.id,
            "customer_id": identity.customer_id,
            "level": identity.level,
            "language": conversation.language,
            "episode": conversation.episode,
            "now": clock.now(),
            "replies": [_row(contact, number, reply) for number, reply in enumerate(replies)],
            "choices": [
                {name: getattr(choice, name) for name in _OF_A_CHOICE} | {"number": number}
                for number, offered in enumerate(choices)
                for choice in offered
            ],
            "answers": [asdict(answering)] if answering else [],
        },
    )
    due_now(conversation)
    return [
        Queued(outbound, offered, None if reply.to else contact)
        for outbound, offered, reply in zip(queued, choices, replies, strict=True)
    ]


def due_now(conversation: Conversation) -> None:
    """Make the outbox look at this conversation at once."""
    conversation.outbox_due_at = cast(Any, func.now())


async def release_held(session: AsyncSession, conversation: Conversation) -> None:
    """Let what was held for the customer's next message leave: they wrote, or did something that lets us send."""
    released = await session.execute(
        update(OutboundMessage)
        .where(
            OutboundMessage.conversation_id == conversation.id,
            OutboundMessage.state == OutboundState.QUEUED,
            OutboundMessage.via == NEXT_MESSAGE,
        )
        .values(via=None, due_at=func.now())
        .returning(OutboundMessage.id)
    )
    if released.first() is not None:
        due_now(conversation)


async def expire_held(session: AsyncSession) -> None:
    """Give up what was held for a next message that did not come."""
    await session.execute(
        update(OutboundMessage)
        .where(
            OutboundMessage.state == OutboundState.QUEUED,
            OutboundMessage.via == NEXT_MESSAGE,
            OutboundMessage.expires_at <= clock.now(),
        )
        .values(state=OutboundState.EXPIRED, error="expired")
    )


async def queue_code(
    session: AsyncSession,
    conversation: Conversation,
    account: str,
    phone: str,
    sealed_text: str,
    expires_at: datetime,
    key: str,
) -> None:
    """Queue a one-time code by SMS. Its text is sealed, expires, and is in no interaction."""
    session.add(
        OutboundMessage(
            conversation_id=conversation.id,
            channel="sms",
            account=account,
            recipient=phone,
            lane=Lane.CODE,
            kind=Kind.CODE,
            key=key,
            language=conversation.language,
            text="",
            payload={"speaker": "system"},
            sealed_text=sealed_text,
            expires_at=expires_at,
            created_at=clock.now(),
        )
    )
    due_now(conversation)
    await session.flush()


def _row(contact: Contact, number: int, reply: Reply) -> dict[str, Any]:
    to = reply.to or Address(contact.channel, contact.account, contact.external_id)
    return {
        "number": number,
        "channel": to.channel,
        "account": to.account,
        "recipient": to.recipient,
        "lane": reply.lane,
        "kind": reply.kind,
        "inbound_id": reply.inbound_id,
        "position": reply.position,
        "key": reply.key,
        "agent_id": reply.agent_id,
        "text": reply.text,
        "payload": _payload(reply),
        "speaker": reply.speaker,
        "details": _details(reply),
        "intent": reply.intent,
        "confidence": reply.confidence,
        "ticket_id": reply.ticket_id,
        "state": OutboundState.SENDING if reply.leaves else OutboundState.QUEUED,
        "attempts": int(reply.leaves),
        "first_tried_at": clock.machine_now().isoformat() if reply.leaves else None,
    }


_OF_A_CHOICE = ("token", "position", "title", "command")


def _choices(reply: Reply) -> list[OfferedChoice]:
    return [
        OfferedChoice(token=new_token(), position=position, title=title, command=command)
        for position, (title, command) in enumerate(reply.buttons, reply.first_button)
    ]


def _payload(reply: Reply) -> dict[str, Any]:
    attached = reply.attachment.payload() if reply.attachment else {}
    return reply.payload | attached | {"speaker": reply.speaker}


def _file(outbound: OutboundMessage, attachment: Attachment) -> OutboundFile:
    stored = attachment.stored
    return OutboundFile(
        outbound_id=outbound.id,
        stored_name=stored.name,
        file_name=attachment.name,
        content_type=stored.content_type,
        size=stored.size,
        sha256=stored.sha256,
        created_at=outbound.created_at,
    )


def _details(reply: Reply) -> dict[str, Any]:
    """What the record shows of a reply beside its text."""
    titles = [title for title, _ in reply.buttons]
    shown = {name: reply.payload[name] for name in ("link", "image") if reply.payload.get(name)}
    if reply.attachment is not None:
        shown["media"] = [reply.attachment.shown()]
    return shown | ({"buttons": titles} if titles else {})
