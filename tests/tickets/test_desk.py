"""The desk's moves: waiting stops the clocks, tickets change hands, merge, and come back."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.conversations.models import Mode
from backend.core import clock
from backend.core.crypto import Vault
from backend.tickets import routing, standards
from backend.tickets.models import Ticket, TicketLink
from tests.factories import customer_says
from tests.hiring import Hire
from tests.tickets.matters import conversation, hand_over, serve

DESK = {"skills": ["policy_service", "claims", "complaints"], "languages": ["zh", "en"]}


async def again(session: AsyncSession, ticket: Ticket) -> Ticket:
    await session.rollback()
    await session.refresh(ticket)
    return ticket


async def test_clocks_stand_still_while_the_customer_is_waited_for(
    hire: Hire, session: AsyncSession, vault: Vault
) -> None:
    ticket = await hand_over(session, vault)
    due = ticket.resolution_due_at
    li_na = await hire()
    await li_na.post(f"/tickets/{ticket.number}/accept")
    assert (await li_na.post(f"/tickets/{ticket.number}/wait"))["status"] == "waiting"
    with time_machine.travel(clock.machine_now() + timedelta(hours=5), tick=True):
        await customer_says(session, vault, "照片发来了")
        await serve(session)
    ticket = await again(session, ticket)
    assert ticket.status == "assigned"
    assert timedelta(hours=4, minutes=59) < ticket.resolution_due_at - due < timedelta(hours=5, minutes=1)


async def test_at_night_an_urgent_matter_goes_first_and_the_bot_goes_on_answering(
    session: AsyncSession, vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANDA_NOW", "2026-11-22T18:00:00Z")  # two in the morning
    ticket = await hand_over(session, vault, urgency="urgent")
    assert (ticket.urgency, ticket.priority) == ("urgent", 0)
    assert (await conversation(session)).mode == Mode.BOT


async def test_a_ticket_is_warned_of_once_and_escalated_at_the_breach(
    session: AsyncSession, vault: Vault
) -> None:
    ticket = await hand_over(session, vault)
    assert await standards.check(session) == []
    for hours, warned, escalated in ((20, True, False), (21, True, False), (25, True, True)):
        with time_machine.travel(clock.machine_now() + timedelta(hours=hours), tick=True):
            await standards.check(session)
        assert (ticket.warned_at is not None, ticket.escalated_at is not None) == (warned, escalated)
    assert ticket.priority == 1


async def test_a_complaint_is_entered_into_the_register_with_its_three_clocks(
    hire: Hire, session: AsyncSession, vault: Vault
) -> None:
    ticket = await hand_over(session, vault, "complaint", "我要投诉你们的理赔员")
    supervisor = await hire(role="supervisor")
    entry = await supervisor.get(f"/complaints/{ticket.number}")
    assert entry["category"] == "service"
    assert entry["first_response_due_at"] < entry["proposal_due_at"] < entry["resolution_due_at"]
    change = {"version": entry["version"], "category": "claim", "root_cause": "回电太晚"}
    changed = await supervisor.browser.patch(f"/api/v1/complaints/{ticket.number}", json=change)
    assert (changed.status_code, changed.json()["category"]) == (200, "claim")
    assert (
        await supervisor.browser.patch(f"/api/v1/complaints/{ticket.number}", json=change)
    ).status_code == 409
    assert (await supervisor.post(f"/complaints/{ticket.number}/proposal"))["proposed_at"] is not None
    figures = await supervisor.get("/complaints/figures")
    assert (figures["total"], figures["items"][0]["category"]) == (1, "claim")


async def test_a_transferred_ticket_waits_for_the_other_group(
    hire: Hire, session: AsyncSession, vault: Vault
) -> None:
    ticket = await hand_over(session, vault)
    li_na, zhang_wei = await hire(), await hire(name="张伟")
    await li_na.post(f"/tickets/{ticket.number}/accept")
    refused = await zhang_wei.browser.post(
        f"/api/v1/tickets/{ticket.number}/transfer", json={"skill": "claims"}
    )
    assert refused.status_code == 409
    moved = await li_na.post(f"/tickets/{ticket.number}/transfer", {"skill": "claims", "note": "理赔问题"})
    assert (moved["status"], moved["skill"], moved["agent"]) == ("queued", "claims", None)
    await zhang_wei.post(f"/tickets/{ticket.number}/accept")


async def test_a_supervisor_assigns_and_takes_over(hire: Hire, session: AsyncSession, vault: Vault) -> None:
    ticket = await hand_over(session, vault)
    li_na, boss = await hire(), await hire(role="supervisor", name="何洁")
    given = await boss.post(f"/tickets/{ticket.number}/assign", {"agent_id": li_na.agent.id})
    assert given["agent"]["name"] == "李娜"
    taken = await boss.post(f"/tickets/{ticket.number}/assign", {"agent_id": boss.agent.id})
    assert taken["agent"]["name"] == "何洁"
    await boss.post(f"/tickets/{ticket.number}/assign", {"agent_id": 10**9}, status=422)


async def test_two_tickets_of_one_person_become_one_and_of_two_people_never(
    hire: Hire, session: AsyncSession, vault: Vault
) -> None:
    first = await hand_over(session, vault, "inquiry", "保单 P2024000123 怎么了")
    second = await hand_over(session, vault, "complaint", "理赔 C2026000101 太慢")
    other = await hand_over(session, vault, sender="+12125550199")
    agent = await hire()
    await agent.post(f"/tickets/{first.number}/notes", {"text": "客户很着急"})
    merged = await agent.post(f"/tickets/{first.number}/merge", {"into": second.number})
    assert merged["number"] == second.number
    assert [note["text"] for note in merged["notes"]] == ["客户很着急"]
    assert {link["number"] for link in merged["links"]} == {"P2024000123", "C2026000101"}
    assert (await again(session, first)).outcome == "merged"
    refused = await agent.browser.post(f"/api/v1/tickets/{second.number}/merge", json={"into": other.number})
    assert refused.json()["code"] == "not_the_same_person"


async def test_a_matter_that_comes_back_within_a_day_opens_the_same_ticket_again(
    hire: Hire, session: AsyncSession, vault: Vault
) -> None:
    ticket = await hand_over(session, vault)
    agent = await hire()
    await agent.post(f"/tickets/{ticket.number}/accept")
    await agent.post(f"/tickets/{ticket.number}/resolve", {"outcome": "answered"})
    assert (await hand_over(session, vault)).number == ticket.number
    assert (await again(session, ticket)).reopened == 1
    await agent.post(f"/tickets/{ticket.number}/accept")
    await agent.post(f"/tickets/{ticket.number}/resolve", {"outcome": "answered"})
    with time_machine.travel(clock.machine_now() + timedelta(hours=25), tick=True):
        assert (await hand_over(session, vault)).number != ticket.number


async def test_giving_it_back_to_the_bot_asks_for_no_rating(
    hire: Hire, session: AsyncSession, vault: Vault
) -> None:
    ticket = await hand_over(session, vault)
    agent = await hire()
    await agent.post(f"/tickets/{ticket.number}/accept")
    back = await agent.post(f"/tickets/{ticket.number}/return-to-bot", {})
    assert (back["status"], back["outcome"], back["satisfaction"]) == ("resolved", "returned_to_bot", None)
    assert (await conversation(session)).mode == Mode.BOT


async def test_the_brief_says_what_it_is_about(session: AsyncSession, vault: Vault) -> None:
    ticket = await hand_over(session, vault, "dispute", "理赔 c2026000101 凭什么拒赔")
    assert ticket.brief["about"] == [{"kind": "claim", "number": "C2026000101"}]
    links = await session.scalars(select(TicketLink.number).where(TicketLink.ticket_id == ticket.id))
    assert links.all() == ["C2026000101"]


async def test_it_rings_at_who_is_able_here_and_free_and_knows_the_customer(
    hire: Hire, session: AsyncSession, vault: Vault
) -> None:
    wrong_skill = await hire(skills=["claims"], languages=["zh"])
    wrong_language = await hire(skills=["policy_service"], languages=["en"])
    absent, first, second = await hire(**DESK), await hire(**DESK), await hire(**DESK)
    here = [one.agent.id for one in (wrong_skill, wrong_language, first, second)]
    ticket = await hand_over(session, vault)
    assert [one.offered_to for one in await routing.offer_waiting(session, here)] == [first.agent.id]
    assert await routing.offer_waiting(session, here) == []
    with time_machine.travel(clock.machine_now() + timedelta(minutes=1), tick=True):
        assert [one.offered_to for one in await routing.offer_waiting(session, here)] == [second.agent.id]
        await session.commit()
        await second.post(f"/tickets/{ticket.number}/accept")
        await second.post(f"/tickets/{ticket.number}/resolve", {"outcome": "answered"})
    await hand_over(session, vault, "complaint", "我要投诉")
    ringing = await routing.offer_waiting(session, [*here, absent.agent.id])
    assert [one.offered_to for one in ringing] == [second.agent.id]  # who knows the customer


async def test_an_unanswered_ticket_goes_back_into_the_queue(
    hire: Hire, session: AsyncSession, vault: Vault
) -> None:
    ticket = await hand_over(session, vault)
    agent = await hire(**DESK)
    await agent.post(f"/tickets/{ticket.number}/accept")
    here = [agent.agent.id]
    assert await routing.give_back_unanswered(session, here) == []
    with time_machine.travel(clock.machine_now() + timedelta(minutes=11), tick=True):
        assert [one.number for one in await routing.give_back_unanswered(session, here)] == [ticket.number]
    assert (ticket.status, ticket.agent_id) == ("queued", None)


async def test_waiting_ends_when_the_agent_goes_on(hire: Hire, session: AsyncSession, vault: Vault) -> None:
    ticket = await hand_over(session, vault)
    li_na = await hire()
    await li_na.post(f"/tickets/{ticket.number}/accept")
    await li_na.post(f"/tickets/{ticket.number}/wait")
    for _ in range(2):
        detail = await li_na.post(f"/tickets/{ticket.number}/continue")
        assert (detail["status"], detail["paused_at"]) == ("assigned", None)
    assert [event["kind"] for event in detail["events"]][-2:] == ["waiting", "continued"]
