"""Contacts, bindings, conversations, the inbox, the outbox and the record of interactions."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint, func, text
from sqlalchemy.orm import Mapped, mapped_column

from backend.core.db import Base


class Mode(StrEnum):
    """Who answers a conversation; the only place that decides it."""

    BOT = "bot"
    HUMAN = "human"


class InboundState(StrEnum):
    STORED = "stored"
    ANSWERED = "answered"
    TO_AGENT = "to_agent"  # arrived in human mode: the agent reads it
    NO_REPLY_DUE = "no_reply_due"  # an event, an opt-out word: recorded, needs no answer
    FAILED = "failed"  # the bot could not answer within two minutes: a ticket stands for it


class OutboundState(StrEnum):
    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    DELIVERED = "delivered"
    READ = "read"
    IN_DOUBT = "in_doubt"  # it is not known whether the platform took it
    FAILED = "failed"
    EXPIRED = "expired"


# What is still to be sent, or to be looked up.
OPEN = (OutboundState.QUEUED, OutboundState.SENDING, OutboundState.IN_DOUBT)


class Lane(StrEnum):
    """Lanes are independent queues within a conversation: a code never waits behind a reply."""

    REPLY = "reply"
    CODE = "code"
    NOTICE = "notice"


# OutboundMessage.via: outside WeChat's allowance by a template message, or with the customer's next message.
TEMPLATE, NEXT_MESSAGE = "template", "next_message"


class Kind(StrEnum):
    """What an interaction is."""

    MESSAGE = "message"
    INTERIM = "interim"
    CODE = "code"
    NOTICE = "notice"
    EVENT = "event"
    ACTION = "action"
    HANDOFF = "handoff"
    # Logged by hand.
    CALL = "call"
    VISIT = "visit"
    EMAIL = "email"


class Contact(Base):
    """A person on one channel account: a phone number, an openid, a web session."""

    __tablename__ = "contacts"
    __table_args__ = (UniqueConstraint("channel", "account", "external_id"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    channel: Mapped[str]
    account: Mapped[str]
    external_id: Mapped[str]
    display_name: Mapped[str | None]
    opted_out_at: Mapped[datetime | None]
    unfollowed_at: Mapped[datetime | None]
    created_at: Mapped[datetime]

    @property
    def has_refused(self) -> bool:
        """Whether this person stopped our messages here."""
        return self.opted_out_at is not None or self.unfollowed_at is not None


class Binding(Base):
    """That a contact proved to be a customer, from when to when."""

    __tablename__ = "bindings"
    __table_args__ = (
        Index("uq_bindings_open", "contact_id", unique=True, postgresql_where=text("ended_at IS NULL")),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    contact_id: Mapped[int] = mapped_column(ForeignKey("contacts.id"))
    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id"), index=True)
    bound_at: Mapped[datetime]
    verified_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    end_reason: Mapped[str | None]


class Conversation(Base):
    """The one lasting conversation with a contact, and the leases by which workers serve it one at a time."""

    __tablename__ = "conversations"
    __table_args__ = (
        Index(
            "ix_conversations_inbox_due", "inbox_due_at", postgresql_where=text("inbox_due_at IS NOT NULL")
        ),
        Index(
            "ix_conversations_outbox_due", "outbox_due_at", postgresql_where=text("outbox_due_at IS NOT NULL")
        ),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    contact_id: Mapped[int] = mapped_column(ForeignKey("contacts.id"), unique=True)
    mode: Mapped[str] = mapped_column(default=Mode.BOT)
    language: Mapped[str]
    last_seq: Mapped[int] = mapped_column(default=0)
    # Up to this message an agent has had the conversation before their eyes.
    read_seq: Mapped[int] = mapped_column(default=0, server_default="0")
    last_inbound_at: Mapped[datetime | None]
    # A code was sent: six digits typed until then are hidden at the door.
    code_until: Mapped[datetime | None]
    # Rasa's tracker is `{id}:{episode}`.
    episode: Mapped[int] = mapped_column(default=1)
    episode_turns: Mapped[int] = mapped_column(default=0)
    episode_last_at: Mapped[datetime | None]
    active_form: Mapped[str | None]
    # An apology for the present outage was said.
    interim_at: Mapped[datetime | None]
    inbox_due_at: Mapped[datetime | None]
    inbox_leased_until: Mapped[datetime | None]
    inbox_fence: Mapped[int] = mapped_column(default=0)
    outbox_due_at: Mapped[datetime | None]
    outbox_leased_until: Mapped[datetime | None]
    outbox_fence: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime]


class InboundMessage(Base):
    """What a customer sent, stored before it is acknowledged; `seq` is its place in the conversation."""

    __tablename__ = "inbound_messages"
    __table_args__ = (
        UniqueConstraint("contact_id", "external_id"),
        UniqueConstraint("conversation_id", "seq"),
        Index(
            "ix_inbound_messages_stored", "conversation_id", "seq", postgresql_where=text("state = 'stored'")
        ),
        Index("ix_inbound_messages_failed", "id", postgresql_where=text("state = 'failed'")),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    contact_id: Mapped[int] = mapped_column(ForeignKey("contacts.id"))
    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversations.id"))
    external_id: Mapped[str]
    seq: Mapped[int]
    type: Mapped[str]
    text: Mapped[str]
    command: Mapped[str | None]
    payload: Mapped[dict[str, Any]]
    language: Mapped[str]
    received_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(default=InboundState.STORED)
    # Named when it begins one, fails or is answered, so that a retry asks the same tracker.
    episode: Mapped[int | None]
    # How many times answering it failed.
    attempts: Mapped[int] = mapped_column(default=0)
    first_failed_at: Mapped[datetime | None]
    last_error: Mapped[str | None]
    answered_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())


class MediaState(StrEnum):
    PENDING = "pending"
    STORED = "stored"
    REJECTED = "rejected"  # it came, and is nothing that can be a document
    LOST = "lost"  # the platform does not have it any more


class InboundMedia(Base):
    """A picture, video, voice or file of a customer's message; the platform keeps it for days only, we for good."""

    __tablename__ = "inbound_media"
    __table_args__ = (
        UniqueConstraint("inbound_id", "position"),
        Index("ix_inbound_media_pending", "due_at", postgresql_where=text("state = 'pending'")),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    inbound_id: Mapped[int] = mapped_column(ForeignKey("inbound_messages.id"))
    position: Mapped[int]
    kind: Mapped[str]  # image, video, voice, file
    # What the platform calls it: an id, or an address that is a secret.
    platform_ref: Mapped[str | None] = mapped_column(info={"sealed": "inbound_media.platform_ref"})
    state: Mapped[str] = mapped_column(default=MediaState.PENDING)
    reason: Mapped[str | None]
    # As the customer named it, numbers hidden.
    file_name: Mapped[str | None]
    # The handle of backend.core.files.
    stored_name: Mapped[str | None] = mapped_column(unique=True)
    content_type: Mapped[str | None]
    size: Mapped[int | None]
    sha256: Mapped[str | None]
    attempts: Mapped[int] = mapped_column(default=0)
    # When it is fetched next; who fetches it moves this first, so that nobody else does.
    due_at: Mapped[datetime] = mapped_column(server_default=func.now())
    fetched_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())


class OutboundMessage(Base):
    """What is to be sent, is being sent, or was sent, on one lane of a conversation."""

    __tablename__ = "outbound_messages"
    __table_args__ = (
        UniqueConstraint("inbound_id", "position"),
        UniqueConstraint("channel", "account", "platform_id"),
        Index(
            "ix_outbound_messages_open",
            "conversation_id",
            "id",
            postgresql_where=text("state IN ('queued', 'sending', 'in_doubt')"),
        ),
        Index(
            "ix_outbound_messages_dead",
            "id",
            postgresql_where=text("state IN ('failed', 'expired', 'in_doubt')"),
        ),
        Index(
            "ix_outbound_messages_web_waiting",
            "recipient",
            "id",
            postgresql_where=text("channel = 'web' AND state IN ('sending', 'sent')"),
        ),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversations.id"))
    # Where it goes; a one-time code goes to a phone that need not be this conversation's contact.
    channel: Mapped[str]
    account: Mapped[str]
    recipient: Mapped[str]
    lane: Mapped[str] = mapped_column(default=Lane.REPLY)
    kind: Mapped[str] = mapped_column(default=Kind.MESSAGE)
    inbound_id: Mapped[int | None] = mapped_column(ForeignKey("inbound_messages.id"))
    position: Mapped[int | None]
    # Of agents, notices and system messages: the same key is the same message.
    key: Mapped[str | None] = mapped_column(unique=True)
    agent_id: Mapped[int | None] = mapped_column(ForeignKey("agents.id"))
    language: Mapped[str]
    text: Mapped[str]
    payload: Mapped[dict[str, Any]]
    # A one-time code's text; wiped when it was sent or expired.
    sealed_text: Mapped[str | None] = mapped_column(info={"sealed": "outbound_messages.sealed_text"})
    state: Mapped[str] = mapped_column(default=OutboundState.QUEUED)
    attempts: Mapped[int] = mapped_column(default=0)
    platform_id: Mapped[str | None]
    segments: Mapped[int | None]
    error: Mapped[str | None]
    due_at: Mapped[datetime] = mapped_column(server_default=func.now())
    first_tried_at: Mapped[datetime | None]
    # Sent a second time because nobody knew what became of the first: the place where a duplicate may arise.
    repeated_at: Mapped[datetime | None]
    # Another way than its channel's usual one: `template`, or held for the customer's `next_message` (WeChat).
    via: Mapped[str | None]
    # It goes inside that message, whose fate it shares: several replies merged into one send.
    carried_by: Mapped[int | None] = mapped_column(ForeignKey("outbound_messages.id"), index=True)
    # A text longer than one send goes in several; so many of them have gone.
    parts_sent: Mapped[int] = mapped_column(default=0, server_default="0")
    expires_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    delivered_at: Mapped[datetime | None]


class OutboundFile(Base):
    """The picture or PDF that goes with an outbound message; `stored_name` is the handle of backend.core.files."""

    __tablename__ = "outbound_files"
    outbound_id: Mapped[int] = mapped_column(ForeignKey("outbound_messages.id"), primary_key=True)
    stored_name: Mapped[str] = mapped_column(unique=True)
    # As people read it, numbers crossed out.
    file_name: Mapped[str]
    content_type: Mapped[str]
    size: Mapped[int]
    sha256: Mapped[str]
    created_at: Mapped[datetime]


class OfferedChoice(Base):
    """A button as the customer sees it: an opaque token, valid only in the conversation that was offered it."""

    __tablename__ = "offered_choices"
    __table_args__ = (Index("ix_offered_choices_latest", "conversation_id", "outbound_id"),)
    token: Mapped[str] = mapped_column(primary_key=True)
    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversations.id"))
    outbound_id: Mapped[int] = mapped_column(ForeignKey("outbound_messages.id"))
    position: Mapped[int]
    title: Mapped[str]
    command: Mapped[str]


class SendAllowance(Base):
    """How many customer-service messages a WeChat user's message or event lets us send, and until when."""

    __tablename__ = "send_allowances"
    id: Mapped[int] = mapped_column(primary_key=True)
    contact_id: Mapped[int] = mapped_column(ForeignKey("contacts.id"), index=True)
    reason: Mapped[str]
    opened_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    allowed: Mapped[int]
    used: Mapped[int] = mapped_column(default=0)


class HiddenNumber(Base):
    """An identity, bank or code number that the door took out of a message; the text holds `⟦kind:ref⟧` instead."""

    __tablename__ = "hidden_numbers"
    ref: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str]
    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversations.id"), index=True)
    sealed: Mapped[str] = mapped_column(info={"sealed": "hidden_numbers.sealed"})
    blind_index: Mapped[str] = mapped_column(
        index=True, info={"indexes": "sealed", "index_purpose": "number.{kind}"}
    )
    created_at: Mapped[datetime]


class Interaction(Base):
    """One entry of the customer's record: who said or did what, when, on which channel.

    What agents log by hand (calls, visits, e-mails) has no contact and no conversation.
    """

    __tablename__ = "interactions"
    __table_args__ = (
        UniqueConstraint("inbound_id", "position"),
        Index("ix_interactions_customer", "customer_id", "occurred_at", "id"),
        Index("ix_interactions_conversation", "conversation_id", "id"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    customer_id: Mapped[int | None] = mapped_column(ForeignKey("customers.id"))
    contact_id: Mapped[int | None] = mapped_column(ForeignKey("contacts.id"))
    conversation_id: Mapped[int | None] = mapped_column(ForeignKey("conversations.id"))
    channel: Mapped[str]
    direction: Mapped[str]  # inbound, outbound, internal
    speaker: Mapped[str]  # customer, bot, agent, system
    kind: Mapped[str]
    text: Mapped[str]
    details: Mapped[dict[str, Any]]
    language: Mapped[str]
    intent: Mapped[str | None]
    confidence: Mapped[float | None]
    episode: Mapped[int | None]
    level: Mapped[int | None]
    # 0 is the inbound message itself, its replies count from 1; null for what answers no message.
    inbound_id: Mapped[int | None] = mapped_column(ForeignKey("inbound_messages.id"))
    position: Mapped[int | None]
    outbound_id: Mapped[int | None] = mapped_column(ForeignKey("outbound_messages.id"), index=True)
    ticket_id: Mapped[int | None] = mapped_column(ForeignKey("tickets.id"), index=True)
    agent_id: Mapped[int | None] = mapped_column(ForeignKey("agents.id"))
    occurred_at: Mapped[datetime]


class Verification(Base):
    """One attempt to prove an identity by a one-time code, for an existing person or not."""

    __tablename__ = "verifications"
    id: Mapped[int] = mapped_column(primary_key=True)
    contact_id: Mapped[int] = mapped_column(ForeignKey("contacts.id"), index=True)
    phone_index: Mapped[str] = mapped_column(index=True)
    customer_id: Mapped[int | None] = mapped_column(ForeignKey("customers.id"))
    code_hash: Mapped[str]
    was_sent: Mapped[bool]
    tries: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]


class VerificationLock(Base):
    """Failures counted per contact and per claimed phone; `locked_until` stops codes without saying so."""

    __tablename__ = "verification_locks"
    subject: Mapped[str] = mapped_column(primary_key=True)
    failures: Mapped[int] = mapped_column(default=0)
    last_failed_at: Mapped[datetime | None]
    locked_until: Mapped[datetime | None]


class DismissedLetter(Base):
    """A dead letter that somebody put aside: it leaves the list and stays in the record."""

    __tablename__ = "dismissed_letters"
    direction: Mapped[str] = mapped_column(primary_key=True)
    message_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    agent_id: Mapped[int | None] = mapped_column(ForeignKey("agents.id"))
    dismissed_at: Mapped[datetime]
