"""What the tasks API takes and gives."""

from __future__ import annotations

from datetime import datetime

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from backend.conversations.api import AgentName
from backend.conversations.free_text import FreeText
from backend.policies.models import ProductType
from backend.tasks.models import TaskKind, TaskOrigin, TaskState
from backend.tickets.schemas import CustomerName


class TaskCreate(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "kind": "callback",
                    "summary": "说明重疾险等待期",
                    "due_at": "2026-11-24T02:00:00Z",
                    "customer_id": 42,
                }
            ]
        },
    )
    kind: TaskKind
    summary: FreeText
    due_at: AwareDatetime = Field(description="With its zone")
    customer_id: int | None = Field(None, ge=1, le=2**31 - 1)
    policy_number: str | None = Field(None, max_length=100)
    ticket_number: str | None = Field(None, max_length=100, description="The ticket it comes from")
    owner_id: int | None = Field(
        None, ge=1, le=2**31 - 1, description="An agent; null: whoever takes it. For others: tickets:assign"
    )
    product_type: ProductType | None = None
    phone: str | None = Field(None, max_length=40, description="To call; any spelling")


class TaskUpdate(BaseModel):
    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"version": 1, "due_at": "2026-11-25T02:00:00Z"}]}
    )
    version: int = Field(ge=1, le=2**62)
    summary: FreeText | None = None
    due_at: AwareDatetime | None = None
    owner_id: int | None = Field(None, ge=1, le=2**31 - 1, description="null gives it back to everybody")


class TaskClose(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"state": "done", "outcome": "已回电，客户了解了等待期"}]},
    )
    state: TaskState = Field(TaskState.DONE, description="done or cancelled")
    outcome: FreeText


class Take(BaseModel):
    """Nothing to say."""


class TaskRead(BaseModel):
    number: str = Field(examples=["K2026000012"])
    kind: TaskKind
    summary: str
    state: TaskState
    due_at: datetime
    is_overdue: bool
    owner: AgentName | None = Field(description="Null: it waits for whoever takes it")
    customer: CustomerName | None
    policy_number: str | None
    ticket_number: str | None
    product_type: ProductType | None
    phone: str | None = Field(description="The number to call, as it was given for this task")
    origin: TaskOrigin
    outcome: str | None
    created_at: datetime
    closed_at: datetime | None
    version: int


class TaskPage(BaseModel):
    items: list[TaskRead]
    next: str | None
