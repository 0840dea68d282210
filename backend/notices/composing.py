"""What a notice says: its values, from what is true at the moment it is sent; or that it no longer makes sense."""

from __future__ import annotations

import calendar
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload, selectinload

from backend.claims.catalogue import document_name
from backend.claims.models import Claim, Stage
from backend.claims.schemas import missing
from backend.core import clock
from backend.customers.models import Customer
from backend.notices.catalogue import Tongue, catalogue
from backend.notices.models import Campaign, CampaignState, Notice
from backend.policies.models import IN_FORCE, Policy, PremiumInstalment, Product
from backend.tickets.models import Satisfaction, Ticket, TicketStatus


class NoLongerHolds(Exception):
    """What the notice would say is not so any more; the message is the reason's code."""


@dataclass(frozen=True)
class Reader:
    """Whom a notice is for, and in which language and zone dates are written."""

    customer: Customer
    tongue: Tongue
    zone: ZoneInfo

    @property
    def today(self) -> date:
        return clock.today(self.zone)

    def date(self, day: date) -> str:
        month_name = calendar.month_name[day.month]
        pattern = catalogue().formats[self.tongue]["date"]
        return pattern.format(year=day.year, month=day.month, day=day.day, month_name=month_name)

    def money(self, amount: Decimal, currency: str) -> str:
        return catalogue().formats[self.tongue]["money"].format(amount=f"{amount:,.2f}", currency=currency)

    def product(self, product: Product) -> str:
        return product.name_en if self.tongue == "en" else product.name_zh

    @property
    def salutation(self) -> str:
        """王女士, Ms Wang; of a Chinese name in Latin letters the first word is the family name."""
        customer, form = self.customer, catalogue().greeting[self.tongue]
        surname = customer.latin_surname if self.tongue == "en" else customer.surname
        return form[customer.gender or "unknown"].format(surname=surname)


Values = dict[str, str]


async def compose(session: AsyncSession, notice: Notice, reader: Reader) -> Values:
    """Every value that the notice's template may name; raises `NoLongerHolds`."""
    if reader.customer.erased_at is not None:
        raise NoLongerHolds("person_erased")
    about = notice.subject.partition(":")[2]
    values = await COMPOSERS[notice.kind](session, notice, reader, about)
    return {"salutation": reader.salutation} | values


async def _claim(session: AsyncSession, reader: Reader, number: str) -> tuple[Claim, Values]:
    loaded = (joinedload(Claim.policy).joinedload(Policy.product), selectinload(Claim.documents))
    query = select(Claim).options(*loaded).where(Claim.number == number)
    claim = await session.scalar(query.execution_options(populate_existing=True))
    if claim is None or claim.customer_id != reader.customer.id:
        raise NoLongerHolds("claim_gone")
    return claim, {"claim_number": claim.number, "product": reader.product(claim.policy.product)}


async def _claim_moved(session: AsyncSession, notice: Notice, reader: Reader, number: str) -> Values:
    claim, values = await _claim(session, reader, number)
    if claim.stage != notice.details["stage"]:
        raise NoLongerHolds("claim_moved_on")
    stage = catalogue().stages[claim.stage]
    values["stage"] = stage.en if reader.tongue == "en" else stage.zh
    if notice.kind == "claim_documents":
        values["documents"] = _documents(claim, reader)
    if notice.kind == "claim_approved":
        values |= _amount(claim.approved_amount, claim.currency, reader)
    return values


def _documents(claim: Claim, reader: Reader) -> str:
    names = [document_name(code) for code in missing(claim)]
    if not names:
        raise NoLongerHolds("documents_complete")
    separator = catalogue().formats[reader.tongue]["list"]
    return separator.join(name.en if reader.tongue == "en" else name.zh for name in names)


def _amount(amount: Decimal | None, currency: str, reader: Reader) -> Values:
    """Without an amount on record the plain stage is told instead, see `triggers.claim_moved`."""
    if amount is None:
        raise NoLongerHolds("amount_gone")
    return {"amount": reader.money(amount, currency)}


async def _claim_paid(session: AsyncSession, notice: Notice, reader: Reader, number: str) -> Values:
    claim, values = await _claim(session, reader, number)
    if claim.stage not in (Stage.PAID, Stage.CLOSED):
        raise NoLongerHolds("claim_moved_on")
    if notice.kind == "follow_up_claim":
        return values
    return values | _amount(claim.paid_amount or claim.approved_amount, claim.currency, reader)


async def _documents_missing(session: AsyncSession, notice: Notice, reader: Reader, number: str) -> Values:
    claim, values = await _claim(session, reader, number)
    if claim.stage != Stage.AWAITING_DOCUMENTS:
        raise NoLongerHolds("claim_moved_on")
    return values | {"documents": _documents(claim, reader)}


async def _policy(session: AsyncSession, reader: Reader, number: str) -> tuple[Policy, Values]:
    query = select(Policy).options(joinedload(Policy.product)).where(Policy.number == number)
    policy = await session.scalar(query.execution_options(populate_existing=True))
    if policy is None or policy.holder_id != reader.customer.id:
        raise NoLongerHolds("policy_gone")
    if policy.status not in IN_FORCE:
        raise NoLongerHolds("policy_ended")
    return policy, {"policy_number": policy.number, "product": reader.product(policy.product)}


async def _premium(session: AsyncSession, notice: Notice, reader: Reader, number: str) -> Values:
    policy, values = await _policy(session, reader, number)
    due = date.fromisoformat(notice.details["due_date"])
    instalment = await session.scalar(
        select(PremiumInstalment)
        .where(PremiumInstalment.policy_id == policy.id, PremiumInstalment.due_date == due)
        .execution_options(populate_existing=True)
    )
    if instalment is None or instalment.paid_date is not None:
        raise NoLongerHolds("premium_paid")
    values["amount"] = reader.money(instalment.amount, instalment.currency)
    values["due_date"] = reader.date(due)
    if notice.kind == "premium_overdue":
        grace_until = due + timedelta(days=policy.product.grace_days or 0)
        if grace_until < reader.today:
            raise NoLongerHolds("grace_over")
        values["grace_until"] = reader.date(grace_until)
    elif due < reader.today:
        raise NoLongerHolds("already_due")
    return values


async def _renewal(session: AsyncSession, notice: Notice, reader: Reader, number: str) -> Values:
    policy, values = await _policy(session, reader, number)
    if policy.end_date.isoformat() != notice.details["end_date"]:
        raise NoLongerHolds("renewed")
    return values | {"end_date": reader.date(policy.end_date)}


async def _policy_only(session: AsyncSession, notice: Notice, reader: Reader, number: str) -> Values:
    _, values = await _policy(session, reader, number)
    return values | {"years": str(notice.details.get("years", ""))}


async def _birthday(_: AsyncSession, notice: Notice, reader: Reader, __: str) -> Values:
    return {}


async def _ticket(session: AsyncSession, notice: Notice, reader: Reader, number: str) -> Values:
    query = select(Ticket).where(Ticket.number == number)
    ticket = await session.scalar(query.execution_options(populate_existing=True))
    if ticket is None or ticket.customer_id != reader.customer.id:
        raise NoLongerHolds("ticket_gone")
    if ticket.status != TicketStatus.RESOLVED:
        raise NoLongerHolds("ticket_open_again")
    answer = await session.get(Satisfaction, ticket.id, populate_existing=True)
    if answer is not None and answer.rated_at is not None:
        raise NoLongerHolds("rated_already")
    return {"ticket": ticket.number}


async def _campaign(session: AsyncSession, notice: Notice, _: Reader, __: str) -> Values:
    campaign = await session.get(Campaign, notice.campaign_id, populate_existing=True)
    if campaign is None or campaign.state not in (CampaignState.RUNNING, CampaignState.DONE):
        raise NoLongerHolds("campaign_stopped")
    return {}


Composer = Callable[[AsyncSession, Notice, Reader, str], Awaitable[Values]]
CLAIM_MOVED = ("claim_stage", "claim_documents", "claim_approved", "claim_declined")
COMPOSERS: dict[str, Composer] = {
    **dict.fromkeys(CLAIM_MOVED, _claim_moved),
    "claim_paid": _claim_paid,
    "follow_up_claim": _claim_paid,
    "documents_missing": _documents_missing,
    "premium_due": _premium,
    "premium_overdue": _premium,
    "renewal": _renewal,
    "anniversary": _policy_only,
    "follow_up_policy": _policy_only,
    "birthday": _birthday,
    "follow_up_ticket": _ticket,
    "campaign": _campaign,
}
