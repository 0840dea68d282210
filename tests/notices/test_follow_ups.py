"""After a ticket or a payment somebody asks how it went; and the worker runs it all, whatever one notice does."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import httpx
import pytest
from sqlalchemy import update

from backend.core import clock
from backend.notices.jobs import make_jobs
from backend.notices.models import Notice
from backend.tickets import opening
from backend.tickets import service as tickets
from backend.tickets.models import Satisfaction, Ticket, TicketKind
from tests.factories import customer_says, make_agent
from tests.insurance import make_claim, make_policy
from tests.notices.office import Office

ZONE = ZoneInfo("Asia/Shanghai")


async def resolved(office: Office, outcome: str = "solved") -> Ticket:
    """A verified customer's ticket, taken and resolved."""
    customer = await office.customer()
    contact = await office.proved_on(customer, "wechat")
    receipt = await customer_says(
        office.session,
        office.vault,
        "保单问题",
        channel="wechat",
        account=contact.account,
        sender=contact.external_id,
    )
    agent = await make_agent(office.session)
    ticket, _ = await opening.open_ticket(
        office.session, ZONE, receipt.conversation_id, TicketKind.INQUIRY, "保单问题"
    )
    await tickets.accept_ticket(office.session, ticket.number, agent.id)
    ending = tickets.Ending(outcome, None, "好了", [("满意", "desk:rate")])
    done = await tickets.resolve_ticket(office.session, ticket.number, agent.id, ending)
    await office.session.commit()
    return done


async def test_a_day_after_a_ticket_its_customer_is_asked_whether_it_is_settled(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    ticket = await resolved(office)
    await office.beat()
    assert not [text for _, text in office.platform.said() if "解决了吗" in text]
    monkeypatch.setenv("ANDA_NOW", "2026-11-24T02:01:00Z")
    await office.beat()
    asked = office.platform.received[-1]
    assert ticket.number in asked.text
    assert [choice.title for choice in asked.choices] == ["解决了", "还没有，找人工"]


async def test_who_rated_it_already_is_not_asked_again(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    ticket = await resolved(office)
    await office.session.execute(
        update(Satisfaction).where(Satisfaction.ticket_id == ticket.id).values(rating=5, rated_at=clock.now())
    )
    await office.session.commit()
    monkeypatch.setenv("ANDA_NOW", "2026-11-24T02:01:00Z")
    await office.beat()
    assert await office.states() == [("follow_up_ticket", "expired", "rated_already")]


async def test_nobody_is_asked_about_a_duplicate(office: Office) -> None:
    await resolved(office, "duplicate")
    assert await office.notices() == []


async def test_three_days_after_a_payment_comes_the_question_whether_it_arrived(
    office: Office, service: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    customer = await office.customer()
    await make_claim(office.session, await make_policy(office.session, customer))
    event = {"event_id": "e1", "stage": "paid", "occurred_at": "2026-11-23T09:00:00+08:00", "note": None}
    await service.post("/api/v1/claims/C2026000101/events", json=event)
    await office.beat()
    monkeypatch.setenv("ANDA_NOW", "2026-11-26T02:01:00Z")
    await office.beat()
    assert [kind for kind, state, _ in await office.states() if state == "sent"] == [
        "claim_stage",
        "follow_up_claim",
    ], "without an amount on record the plain stage is told"


async def test_a_notice_that_cannot_be_made_stops_no_other(
    office: Office, service: httpx.AsyncClient
) -> None:
    for number in (1, 2):
        customer = await office.customer(number)
        policy = await make_policy(office.session, customer, f"P202400020{number}")
        await make_claim(office.session, policy, f"C202600020{number}")
        event = {"event_id": "e", "stage": "declined", "occurred_at": "2026-11-23T09:00:00+08:00"}
        await service.post(f"/api/v1/claims/C202600020{number}/events", json=event)
    first = (await office.notices())[0]
    await office.session.execute(update(Notice).where(Notice.id == first.id).values(details={}))
    await office.session.commit()
    await office.beat()
    assert [(state, reason) for _, state, reason in await office.states()] == [
        ("failed", "error:KeyError"),
        ("sent", "usual_order"),
    ]


async def test_what_the_worker_runs(office: Office) -> None:
    jobs = make_jobs(office.settings, office.database, office.work.client)
    assert [job.name for job in jobs] == ["notices-due", "notices-send", "notices-follow"]
    for job in jobs:
        await job.run()
