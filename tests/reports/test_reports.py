"""Reports: each figure by its formula, down to the conversations behind it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from backend.conversations.models import Interaction
from backend.core import clock
from backend.core.crypto import Vault
from tests.factories import customer_says
from tests.hiring import AtDesk, Hire
from tests.tickets.matters import hand_over, serve


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
    assert volumes["items"] == [{"name": "ask_faq", "count": 1}]
    for by in ("channel", "complaint", "drop_out", "unanswered"):
        await boss.get(f"/reports/volumes/{by}")


async def test_the_desk_at_this_moment(boss: AtDesk, session: AsyncSession, vault: Vault) -> None:
    await hand_over(session, vault)
    live = await boss.get("/reports/live")
    assert (live["queued"], live["broken"], live["open_by_kind"]) == (1, 0, {"inquiry": 1})


async def test_agents_see_no_reports_and_periods_are_checked(boss: AtDesk, hire: Hire) -> None:
    agent = await hire()
    assert (await agent.browser.get("/api/v1/reports/figures")).status_code == 403
    wrong = await boss.browser.get("/api/v1/reports/figures?since=2026-02-01&until=2026-01-01")
    assert wrong.status_code == 422
    assert (await boss.browser.get("/api/v1/reports/figures/nothing/rows")).status_code == 404
