"""What the tickets API takes and gives."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, Field

from backend.conversations.api import AgentName, InteractionRead


class CustomerName(BaseModel):
    id: int
    name: str


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


class TicketPage(BaseModel):
    items: list[TicketRead]
    next: str | None


class TicketEventRead(BaseModel):
    id: int
    kind: str
    agent: AgentName | None
    text: str | None
    occurred_at: datetime


class TicketDetail(TicketRead):
    events: list[TicketEventRead]
    notes: list[TicketEventRead]


class Transcript(BaseModel):
    items: list[InteractionRead]
    next: int | None


class Accept(BaseModel):
    """Nothing to say."""


class ReplyBody(BaseModel):
    text: str = Field(min_length=1, max_length=5000, examples=["您好，我是李娜，您的发票我收到了。"])
    key: str | None = Field(None, max_length=100, description="The same key again sends nothing twice.")


class ReplyQueued(BaseModel):
    outbound_id: int
    state: str


class NoteBody(BaseModel):
    text: str = Field(min_length=1, max_length=5000)


class ResolveBody(BaseModel):
    outcome: str = Field(
        min_length=1, max_length=50, examples=["answered", "solved", "not_solved", "duplicate", "spam"]
    )
    note: str | None = Field(None, max_length=5000)
