"""What the tickets API takes and gives."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from backend.conversations.api import AgentName, InteractionRead
from backend.conversations.free_text import FreeText, Line
from backend.tickets.bot_tasks import BotTaskKind


class CustomerName(BaseModel):
    id: int
    name: str


class About(BaseModel):
    """A record that a ticket is about."""

    kind: Literal["policy", "claim", "change_request", "task"]
    number: str = Field(min_length=1, max_length=40, examples=["C2026000101"])


class Brief(BaseModel):
    """At a glance: the identity level, what was asked last, what it is about, and the intents the bot answered."""

    level: int = 0
    asked: str = ""
    about: list[About] = []
    bot_did: list[str] = []


class BotTaskRead(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    id: int
    kind: str
    begun_at: datetime
    ended_at: datetime | None
    result: str | None


class Rating(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    asked_at: datetime
    rating: int | None
    comment: str | None


class TicketRead(BaseModel):
    number: str
    kind: str
    status: str
    priority: int
    urgency: str
    summary: str
    channel: str
    language: str
    skill: str
    identity_level: int
    customer: CustomerName | None
    agent: AgentName | None
    opened_at: datetime
    accepted_at: datetime | None
    first_responded_at: datetime | None
    resolved_at: datetime | None
    outcome: str | None
    first_response_due_at: datetime
    resolution_due_at: datetime
    conversation_id: int
    mode: str
    unread: int
    newest_unread: int | None = Field(description="The interaction's id; null without an unread message.")
    brief: Brief
    paused_at: datetime | None = Field(description="Since when the clocks stand still for the customer.")
    proposal_due_at: datetime | None = Field(description="Of complaints: the first proposal.")
    proposed_at: datetime | None
    warned_at: datetime | None
    escalated_at: datetime | None = Field(description="When a standard was broken.")
    offered_to: int | None = Field(description="The agent it rings at.")
    reopened: int


class TicketPage(BaseModel):
    items: list[TicketRead]
    next: str | None


class TicketEventRead(BaseModel):
    id: int
    kind: str
    agent: AgentName | None
    text: str | None
    details: dict[str, Any] = {}
    occurred_at: datetime


class TicketDetail(TicketRead):
    events: list[TicketEventRead]
    notes: list[TicketEventRead]
    links: list[About]
    bot_task: BotTaskRead | None = Field(description="The step that the bot does for the agent now.")
    satisfaction: Rating | None
    merged_into: str | None
    position: int | None = Field(description="The place in the queue, 1 is next; null once it is out of it.")


class Transcript(BaseModel):
    items: list[InteractionRead]
    next: int | None


class Accept(BaseModel):
    """Nothing to say."""


class ReplyBody(BaseModel):
    text: FreeText = Field(examples=["您好，我是李娜，您的发票我收到了。"])
    key: str | None = Field(None, max_length=100, description="The same key again sends nothing twice.")


class ReplyQueued(BaseModel):
    outbound_id: int
    state: str


class NoteBody(BaseModel):
    text: FreeText


class ResolveBody(BaseModel):
    outcome: Line = Field(max_length=50, examples=["answered", "solved", "not_solved", "duplicate", "spam"])
    note: FreeText | None = None


class TransferBody(BaseModel):
    """To another group of skills, where whoever fits takes it."""

    skill: str = Field(min_length=1, max_length=50, examples=["claims"])
    note: FreeText | None = None


class AssignBody(BaseModel):
    """To one agent, from the queue or from another agent."""

    agent_id: int = Field(ge=1, lt=2**63)
    note: FreeText | None = None


class MergeBody(BaseModel):
    into: str = Field(min_length=1, max_length=20, examples=["T2026000012"])


class BotTaskBody(BaseModel):
    kind: BotTaskKind


class NoteOnly(BaseModel):
    note: FreeText | None = None
