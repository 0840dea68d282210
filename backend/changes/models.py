"""Change requests: what a customer wants changed, who confirmed it, and what became of it in the core system."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, Sequence, text
from sqlalchemy.orm import Mapped, mapped_column

from backend.core import clock
from backend.core.db import Base

NUMBERS = Sequence("change_numbers", metadata=Base.metadata)
BEFORE, AFTER = "change_requests.before", "change_requests.after"


class ChangeKind(StrEnum):
    CONTACT = "contact"
    PAYMENT_ACCOUNT = "payment_account"
    BENEFICIARY = "beneficiary"
    SURRENDER = "surrender"
    RENEWAL = "renewal"


class ChangeState(StrEnum):
    ASKED = "asked"
    APPROVED = "approved"
    SENT = "sent"  # the core system has it
    APPLIED = "applied"
    DECLINED = "declined"


OPEN = (ChangeState.ASKED, ChangeState.APPROVED, ChangeState.SENT)


class ChangeRequest(Base):
    """One change that was asked for. What it is about stays sealed here; the audit log names only this number."""

    __tablename__ = "change_requests"
    __table_args__ = (
        Index("ix_change_requests_customer", "customer_id", "id"),
        Index("ix_change_requests_state", "state", "id"),
        # Asking again replaces what was asked before, so that nobody confirms the wrong one of two.
        Index(
            "uq_change_requests_asked", "customer_id", "matter", unique=True, postgresql_where=text("state = 'asked'")
        ),
    )  # fmt: skip
    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[str]
    # The field of `contact`; None for the others.
    field: Mapped[str | None]
    # kind, field and policy: what this request is the only open one of.
    matter: Mapped[str]
    state: Mapped[str] = mapped_column(default=ChangeState.ASKED)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id"))
    policy_id: Mapped[int | None] = mapped_column(ForeignKey("policies.id"), index=True)
    ticket_id: Mapped[int | None] = mapped_column(ForeignKey("tickets.id"), index=True)
    contact_id: Mapped[int | None] = mapped_column(ForeignKey("contacts.id"))
    # JSON; `after` is None while a human has to work out what the customer's wish amounts to.
    before_sealed: Mapped[str | None] = mapped_column(info={"sealed": BEFORE})
    after_sealed: Mapped[str | None] = mapped_column(info={"sealed": AFTER})
    # [{"code": "proof_is_fresh", "is_ok": true}, …]
    checks: Mapped[list[Any]] = mapped_column(default=list)
    asked_by: Mapped[int | None] = mapped_column(ForeignKey("agents.id"))  # None: the customer themselves
    asked_at: Mapped[datetime] = mapped_column(default=clock.now)
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("agents.id"))
    decided_at: Mapped[datetime | None]
    # A stable code: replaced, not_confirmed, refused_by_core, …
    decline_reason: Mapped[str | None]
    sent_at: Mapped[datetime | None]
    applied_at: Mapped[datetime | None]
    core_reference: Mapped[str | None]
    version: Mapped[int] = mapped_column(server_default="1")
    updated_at: Mapped[datetime] = mapped_column(default=clock.now, onupdate=clock.now)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy's own name
