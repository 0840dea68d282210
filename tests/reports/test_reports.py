"""Reports: each figure by its formula, down to the conversations behind it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from backend.articles.models import KnowledgeQuestion
from backend.conversations.models import Interaction
from backend.core import clock
from backend.core.crypto import Vault
from backend.tickets.models import Ticket
from tests.factories import customer_says
from tests.hiring import AtDesk, Hire
from tests.tickets.matters import ZONE, hand_over, serve


@pytest.fixture
async def boss(hire: Hire) -> AtDesk:
    return await hire(role="supervisor")


async def figure(boss: AtDesk, name: str, query: str = "") -> Any:
    return next(one for one in (await boss.get(f"/reports/figures{query}"))["items"] if one["name"] == name)


async def contained(session: AsyncSession, vault: Vault, sender: str) -> None:
    """A case that the bot ended by itself."""
    receipt = await customer_says(session, vault, "犹豫期是多久", sender=sender)
    await session.execute(
        update(Interaction)
        .where(Interaction.inbound_id == receipt.inbound_id)
        .values(episode=1, intent="ask_faq")
    )
    await session.commit()


async def handed_over(session: AsyncSession, vault: Vault, sender: str) -> Any:
    ticket = await hand_over(session, vault, sender=sender)
    await session.execute(
        update(Interaction).where(Interaction.conversation_id == ticket.conversation_id).values(episode=1)
    )
    await session.commit()
    return ticket


async def test_containment_is_the_share_of_cases_without_a_hand_over(
    boss: AtDesk, session: AsyncSession, vault: Vault
) -> None:
    for number in range(3):
        await contained(session, vault, f"+1212555010{number}")
    ticket = await handed_over(session, vault, "+12125550199")
    found = await figure(boss, "containment")
    assert (found["value"], found["count"]) == (0.75, 4)
    rows = (await boss.get("/reports/figures/containment/rows?limit=1"))["items"]
    assert (rows[0]["value"], rows[0]["conversation_id"]) == (0.0, ticket.conversation_id)
    assert (await figure(boss, "containment", "?channel=web"))["count"] == 0
    assert [day["count"] for day in found["days"]] == [4]


async def test_an_agents_day_shows_in_the_figures(
    boss: AtDesk, hire: Hire, session: AsyncSession, vault: Vault
) -> None:
    ticket = await handed_over(session, vault, "+12125550199")
    li_na = await hire()
    await li_na.post(f"/tickets/{ticket.number}/accept")
    with time_machine.travel(clock.machine_now() + timedelta(minutes=30), tick=True):
        await li_na.post(f"/tickets/{ticket.number}/reply", {"text": "您好"})
        await li_na.post(f"/tickets/{ticket.number}/resolve", {"outcome": "answered"})
        await customer_says(session, vault, "5", sender="+12125550199")
        await serve(session)
        values = {
            name: (await figure(boss, name))["value"]
            for name in ("first_response", "resolution_time", "satisfaction", "answer_rate", "standards_met")
        }
    assert values["first_response"] == pytest.approx(30, abs=2)
    assert values["resolution_time"] == pytest.approx(0.5, abs=0.05)
    assert (values["satisfaction"], values["answer_rate"], values["standards_met"]) == (5.0, 1.0, 1.0)


async def test_a_return_within_a_day_is_no_verified_resolution(
    boss: AtDesk, session: AsyncSession, vault: Vault
) -> None:
    await contained(session, vault, "+12125550101")
    await contained(session, vault, "+12125550102")
    again = await customer_says(session, vault, "还是不明白", sender="+12125550102")
    await session.execute(
        update(Interaction).where(Interaction.inbound_id == again.inbound_id).values(episode=2)
    )
    await session.commit()
    with time_machine.travel(clock.machine_now() + timedelta(hours=30), tick=True):
        found = await figure(boss, "verified_resolution")
    assert (found["value"], found["count"]) == (pytest.approx(2 / 3), 3)


async def test_tables_can_be_downloaded_and_run_nothing(
    boss: AtDesk, session: AsyncSession, vault: Vault
) -> None:
    await contained(session, vault, "+12125550101")
    table = await boss.browser.get("/api/v1/reports/figures/containment/csv")
    assert table.headers["content-type"].startswith("text/csv")
    assert table.text.lstrip("\ufeff").splitlines()[0] == "at,value,conversation_id,episode,ticket,channel"
    assert len(table.text.splitlines()) == 2
    volumes = await boss.get("/reports/volumes/intent")
    assert volumes["items"] == [{"name": "ask_faq", "count": 1, "previous": 0}]
    for by in ("channel", "complaint", "drop_out", "unanswered"):
        await boss.get(f"/reports/volumes/{by}")


async def test_a_count_opens_down_to_its_conversations_and_stands_beside_the_days_before(
    boss: AtDesk, session: AsyncSession, vault: Vault
) -> None:
    await contained(session, vault, "+12125550101")
    ticket = await handed_over(session, vault, "+12125550199")
    tomorrow = clock.machine_now() + timedelta(days=1)
    with time_machine.travel(tomorrow, tick=True):
        await contained(session, vault, "+12125550102")
        day = clock.today(ZONE)
        asked = f"since={day}&until={day}"
        volumes = await boss.get(f"/reports/volumes/intent?{asked}")
        assert volumes["items"] == [{"name": "ask_faq", "count": 1, "previous": 1}]
        assert (volumes["total"], volumes["previous_total"]) == (1, 1)
        older = await boss.get(f"/reports/volumes/intent?{asked}&against={day - timedelta(days=5)}")
        assert (older["total"], older["previous_total"]) == (1, 0)
        (row,) = (await boss.get(f"/reports/volumes/intent/rows?{asked}&name=ask_faq"))["items"]
        figures = await figure(boss, "containment", f"?{asked}")
    assert (row["episode"], row["ticket"]) == (1, None)
    assert [hour["count"] for hour in figures["hours"]] == [1]
    read = await boss.get(f"/reports/conversations/{row['conversation_id']}?episode=1")
    assert [one["text"] for one in read["items"]] == ["犹豫期是多久"]
    handed = await boss.get(f"/reports/conversations/{ticket.conversation_id}?day={clock.today(ZONE)}")
    assert handed["tickets"] == [ticket.number]


async def test_who_stops_in_the_middle_is_counted_at_the_step_where_it_was(
    boss: AtDesk, session: AsyncSession, vault: Vault
) -> None:
    for sender, details in (
        ("+12125550101", {"step": "claim_form", "asked": "claim_type"}),
        ("+12125550102", {"step": "claim_form"}),
        ("+12125550103", {"step": None}),
    ):
        receipt = await customer_says(session, vault, "我要报案", sender=sender)
        said = update(Interaction).where(Interaction.inbound_id == receipt.inbound_id)
        await session.execute(said.values(episode=1, details=details))
    await session.commit()
    assert (await boss.get("/reports/volumes/drop_out"))["items"] == []
    with time_machine.travel(clock.machine_now() + timedelta(hours=30), tick=True):
        counted = (await boss.get("/reports/volumes/drop_out"))["items"]
    assert {one["name"]: one["count"] for one in counted} == {"claim_form.claim_type": 1, "claim_form": 1}


async def test_what_no_article_fitted_is_counted_by_its_wording(
    boss: AtDesk, session: AsyncSession, vault: Vault
) -> None:
    for sender in ("+12125550101", "+12125550102"):
        asked = await customer_says(session, vault, "宠物医疗保不保", sender=sender)
        question = KnowledgeQuestion(
            inbound_id=asked.inbound_id,
            conversation_id=asked.conversation_id,
            language="zh-Hans",
            is_answered=sender.endswith("1"),
        )
        session.add(question)
    await session.commit()
    unanswered = await boss.get("/reports/volumes/unanswered")
    assert unanswered["items"] == [{"name": "宠物医疗保不保", "count": 1, "previous": 0}]
    assert (await boss.get("/reports/volumes/unanswered?channel=web"))["total"] == 0
    (row,) = (await boss.get("/reports/volumes/unanswered/rows?name=宠物医疗保不保"))["items"]
    assert row["conversation_id"] == asked.conversation_id


async def test_a_late_resolution_breaks_the_standard_though_no_clock_was_looked_at(
    boss: AtDesk, hire: Hire, session: AsyncSession, vault: Vault
) -> None:
    ticket = await handed_over(session, vault, "+12125550199")
    li_na = await hire()
    await li_na.post(f"/tickets/{ticket.number}/accept")
    await li_na.post(f"/tickets/{ticket.number}/resolve", {"outcome": "answered"})
    assert (await figure(boss, "standards_met"))["value"] == 1.0
    due = {"resolution_due_at": clock.now() - timedelta(hours=1)}
    await session.execute(update(Ticket).where(Ticket.id == ticket.id).values(due))
    await session.commit()
    assert (await figure(boss, "standards_met"))["value"] == 0.0


async def test_the_desk_at_this_moment(boss: AtDesk, session: AsyncSession, vault: Vault) -> None:
    await hand_over(session, vault)
    live = await boss.get("/reports/live")
    assert (live["queued"], live["broken"], live["open_by_kind"]) == (1, 0, {"inquiry": 1})
    assert (await boss.get("/reports/live?channel=web"))["queued"] == 0


async def test_agents_see_no_reports_and_periods_are_checked(boss: AtDesk, hire: Hire) -> None:
    agent = await hire()
    assert (await agent.browser.get("/api/v1/reports/figures")).status_code == 403
    wrong = await boss.browser.get("/api/v1/reports/figures?since=2026-02-01&until=2026-01-01")
    assert wrong.status_code == 422
    assert (await boss.browser.get("/api/v1/reports/figures/nothing/rows")).status_code == 404
