"""Which tickets a list shows."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import Query
from pydantic import Field
from sqlalchemy import ColumnElement, Select, and_, or_, select
from sqlalchemy.orm import aliased

from backend.core.access import Principal
from backend.customers.models import Customer
from backend.tickets.models import Ticket, TicketKind, TicketStatus

WHO = r"^(me|\d{1,9})$"
Standard = Literal["near", "breached"]
PRINTABLE = r"^[^\x00]*$"
# A ticket's number, a group of skills, a channel.
Word = Annotated[str, Field(max_length=50, pattern=PRINTABLE)]


class TicketFilter:
    """The query of `GET /tickets`; several values of one name widen it, each other name narrows it."""

    def __init__(
        self,
        status: Annotated[list[TicketStatus] | None, Query()] = None,
        assignee: Annotated[str | None, Query(pattern=r"^(me|none|\d{1,9})$")] = None,
        offered_to: Annotated[
            str | None, Query(pattern=WHO, description="Tickets that ring at this agent.")
        ] = None,
        customer_id: int | None = None,
        number: Annotated[list[Word] | None, Query(max_length=200, description="Just these tickets.")] = None,
        kind: Annotated[list[TicketKind] | None, Query()] = None,
        skill: Annotated[list[Word] | None, Query(max_length=20)] = None,
        channel: Annotated[list[Word] | None, Query(max_length=10)] = None,
        standard: Annotated[
            list[Standard] | None, Query(description="Nearly late (warned), or late (escalated).")
        ] = None,
        same_person_as: Annotated[
            Word | None, Query(description="The others of this ticket's person.")
        ] = None,
        q: Annotated[
            str | None,
            Query(
                max_length=100,
                pattern=PRINTABLE,
                description="Part of the number, the customer's name or the summary.",
            ),
        ] = None,
    ) -> None:
        self.status, self.assignee, self.offered_to = status, assignee, offered_to
        self.customer_id, self.number, self.kind = customer_id, number, kind
        self.skill, self.channel, self.standard = skill, channel, standard
        self.same_person_as, self.q = same_person_as, q

    def apply(self, query: Select[Any], principal: Principal) -> Select[Any]:
        """The query narrowed; it joins `Customer`. `me` is the signed-in agent."""
        chosen = [
            (Ticket.status, self.status),
            (Ticket.number, self.number),
            (Ticket.kind, self.kind),
            (Ticket.skill, self.skill),
            (Ticket.channel, self.channel),
        ]
        for column, values in chosen:
            if values:
                query = query.where(column.in_(values))
        query = self._of_agents(query, principal)
        if self.customer_id is not None:
            query = query.where(Ticket.customer_id == self.customer_id)
        if self.standard:
            query = query.where(or_(*(_STANDARDS[one] for one in self.standard)))
        if self.same_person_as:
            query = query.where(_same_person(self.same_person_as))
        if wanted := (self.q or "").strip():
            query = query.where(_mentions(wanted))
        return query

    def _of_agents(self, query: Select[Any], principal: Principal) -> Select[Any]:
        if self.assignee == "none":
            query = query.where(Ticket.agent_id.is_(None))
        elif self.assignee:
            query = query.where(Ticket.agent_id == _agent(self.assignee, principal))
        if self.offered_to:
            query = query.where(Ticket.offered_to == _agent(self.offered_to, principal))
        return query


_STANDARDS: dict[str, ColumnElement[bool]] = {
    "near": and_(Ticket.warned_at.is_not(None), Ticket.escalated_at.is_(None)),
    "breached": Ticket.escalated_at.is_not(None),
}


def _agent(who: str, principal: Principal) -> int | None:
    return principal.agent_id if who == "me" else int(who)


def _same_person(number: str) -> ColumnElement[bool]:
    """Of the same contact, or of the same customer, but not that ticket itself."""
    known = aliased(Ticket)
    one = select(known).where(known.number == number.strip().upper())
    contact = one.with_only_columns(known.contact_id).scalar_subquery()
    customer = one.with_only_columns(known.customer_id).scalar_subquery()
    same = or_(Ticket.contact_id == contact, Ticket.customer_id == customer)
    return and_(same, Ticket.number != number.strip().upper())


def _mentions(wanted: str) -> ColumnElement[bool]:
    return or_(
        Ticket.number.icontains(wanted, autoescape=True),
        Customer.name.icontains(wanted, autoescape=True),
        Ticket.summary.icontains(wanted, autoescape=True),
    )
