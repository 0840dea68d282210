"""Sending what is planned: looked at again at that moment, by the channel that fits, through the one outbox."""

from __future__ import annotations

from typing import Any, cast

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from backend.conversations.identity import Identity
from backend.conversations.models import Contact, Conversation, Kind, Lane
from backend.conversations.outgoing import Reply, queue_reply
from backend.core import clock
from backend.core.language import Language, localise
from backend.customers.models import Customer
from backend.notices import templates
from backend.notices.calling import call_instead
from backend.notices.choosing import PRESENT, Choice, Rules, capped_until, choose
from backend.notices.composing import NoLongerHolds, Reader, Values, compose
from backend.notices.models import Campaign, Notice, NoticeDelivery, NoticeState, Purpose
from backend.notices.quiet import quiet_until
from backend.notices.reach import Reach, Way, reach
from backend.notices.templates import Known


async def due_notices(session: AsyncSession, limit: int) -> list[int]:
    """Planned notices whose time has come, those of campaigns after all others."""
    query = (
        select(Notice.id)
        .where(Notice.state == NoticeState.PLANNED, Notice.planned_for <= clock.now())
        .order_by(Notice.campaign_id.is_not(None), Notice.planned_for, Notice.id)
    )
    return list(await session.scalars(query.limit(limit)))


async def send_notice(session: AsyncSession, notice_id: int, rule: Rules) -> Notice | None:
    """Send one planned notice, or put down why not. None when another worker has it, or it is done with."""
    notice = await session.scalar(
        select(Notice)
        .where(Notice.id == notice_id, Notice.state == NoticeState.PLANNED)
        .with_for_update(skip_locked=True)
    )
    if notice is None:
        return None
    if notice.expires_at is not None and notice.expires_at <= clock.now():
        return _end(notice, NoticeState.EXPIRED, "too_late")
    customer = await session.get_one(Customer, notice.customer_id)
    template = await template_of(session, notice)
    reader = Reader(customer, templates.tongue_of(customer.language), rule.zone)
    try:
        values = await compose(session, notice, reader)
    except NoLongerHolds as why:
        return _end(notice, NoticeState.EXPIRED, str(why))
    return await _choose_and_queue(session, notice, customer, template, values, rule)


async def template_of(session: AsyncSession, notice: Notice) -> Known:
    """The wording in force for this notice."""
    if notice.campaign_id is None:
        return await templates.named(session, notice.kind)
    campaign = await session.get_one(Campaign, notice.campaign_id)
    return await templates.named(session, campaign.template)


def _end(notice: Notice, state: NoticeState, reason: str) -> Notice:
    notice.state, notice.reason = state, reason
    return notice


def _wait(notice: Notice, until: Any, reason: str) -> Notice:
    """Later, unless that is too late for it."""
    if notice.expires_at is not None and notice.expires_at <= until:
        is_cap = reason == "cap_reached"
        return _end(notice, NoticeState.SUPPRESSED if is_cap else NoticeState.EXPIRED, reason)
    notice.planned_for, notice.reason = until, reason
    return notice


async def _choose_and_queue(
    session: AsyncSession, notice: Notice, customer: Customer, template: Known, values: Values, rule: Rules
) -> Notice:
    one = (await reach(session, [customer], rule.sms_account, rule.cap_days))[customer.id]
    quiet = quiet_until(rule.quiet_hours, clock.now(), rule.zone)
    if quiet and not template.urgent and not _is_awake(one, template):
        return _wait(notice, quiet, "quiet_hours")
    tried = await _tried(session, notice)
    capped = None if template.urgent or tried else capped_until(one, notice.purpose, rule)
    if capped is not None and notice.campaign_id is not None:
        return _end(notice, NoticeState.SUPPRESSED, "cap_reached")
    if capped is not None:
        return _wait(notice, capped, "cap_reached")
    choice = choose(one, template, rule, tried)
    for channel, why_not in choice.passed_over:
        session.add(NoticeDelivery(notice_id=notice.id, channel=channel, failed_because=why_not))
    if choice.way is None:
        if tried and notice.campaign_id is None and notice.purpose == Purpose.SERVICE:
            await call_instead(session, notice, customer, template, rule.zone)
        return _end(notice, NoticeState.FAILED if tried else NoticeState.SUPPRESSED, choice.because)
    await _queue(session, notice, customer, template, values, choice, rule)
    notice.state, notice.reason, notice.queued_at = NoticeState.QUEUED, choice.because, clock.now()
    return notice


def _is_awake(one: Reach, template: Known) -> bool:
    """Whoever wrote to us a moment ago may hear of their own claim and cover at any hour."""
    since = clock.now() - PRESENT
    return template.purpose == Purpose.SERVICE and any(
        way.last_used is not None and way.last_used > since for way in one.ways.values()
    )


async def _tried(session: AsyncSession, notice: Notice) -> set[str]:
    used = select(NoticeDelivery.channel).where(
        NoticeDelivery.notice_id == notice.id, NoticeDelivery.outbound_id.is_not(None)
    )
    return set(await session.scalars(used))


async def _queue(
    session: AsyncSession,
    notice: Notice,
    customer: Customer,
    template: Known,
    values: Values,
    choice: Choice,
    rule: Rules,
) -> None:
    way = cast(Way, choice.way)
    language = cast(Language, customer.language)
    contact, conversation = await _conversation(session, way, customer, rule)
    told = templates.told(template, language, choice.is_discreet, values)
    reply = Reply(
        text=templates.fill(template, language, choice.is_discreet, values),
        speaker="system",
        kind=Kind.NOTICE,
        lane=Lane.NOTICE,
        buttons=[] if choice.is_discreet else _buttons(template, language, values),
        payload={"notice": {"template": template.name, "values": told}},
        key=f"notice:{notice.id}:{way.channel}",
    )
    outbound = await queue_reply(session, conversation, contact, Identity(way.level, customer.id), reply)
    outbound.expires_at = notice.expires_at
    session.add(
        NoticeDelivery(
            notice_id=notice.id,
            channel=way.channel,
            contact_id=contact.id,
            outbound_id=outbound.id,
            is_discreet=choice.is_discreet,
            chosen_because=choice.because,
        )
    )


def _buttons(template: Known, language: Language, values: Values) -> list[tuple[str, str]]:
    titles = ((b.en if language == "en" else localise(b.zh, language), b.command) for b in template.buttons)
    return [(title, command.format_map(values)) for title, command in titles]


async def _conversation(
    session: AsyncSession, way: Way, customer: Customer, rule: Rules
) -> tuple[Contact, Conversation]:
    """The contact and its conversation; a phone that never wrote to us gets both."""
    if way.contact_id is None:
        key = {"channel": "sms", "account": rule.sms_account, "external_id": way.recipient}
        await session.execute(insert(Contact).values(**key, created_at=clock.now()).on_conflict_do_nothing())
        contact = (await session.scalars(select(Contact).filter_by(**key))).one()
    else:
        contact = await session.get_one(Contact, way.contact_id)
    first = insert(Conversation).values(
        contact_id=contact.id, language=customer.language, created_at=clock.now()
    )
    await session.execute(first.on_conflict_do_nothing())
    query = select(Conversation).where(Conversation.contact_id == contact.id).with_for_update()
    return contact, (await session.scalars(query.execution_options(populate_existing=True))).one()
