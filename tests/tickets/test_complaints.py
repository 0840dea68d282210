"""The register of complaints: found by class, product and clocks, and what was proposed."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from backend.core import clock
from backend.core.crypto import Vault
from backend.tickets.models import Ticket
from tests.hiring import AtDesk, Hire
from tests.tickets.matters import hand_over


async def numbers(desk: AtDesk, query: str) -> list[Any]:
    return [one["number"] for one in (await desk.get(f"/complaints?{query}"))["items"]]


async def test_the_register_is_searched_by_product_and_by_how_the_clocks_stand(
    hire: Hire, session: AsyncSession, vault: Vault
) -> None:
    desk = await hire(role="supervisor")
    first = await hand_over(session, vault, "complaint", "我要投诉", sender="+12125550101")
    second = await hand_over(session, vault, "complaint", "投诉车险理赔", sender="+12125550102")
    change = {"version": 1, "product_type": "auto"}
    assert (await desk.browser.patch(f"/api/v1/complaints/{second.number}", json=change)).status_code == 200
    assert await numbers(desk, "product_type=auto") == [second.number]
    assert await numbers(desk, "clocks=due_soon") == [
        second.number,
        first.number,
    ]  # first responses, within 24 h
    late = {"first_response_due_at": clock.now() - timedelta(minutes=1)}
    await session.execute(update(Ticket).where(Ticket.id == first.id).values(late))
    await session.commit()
    assert await numbers(desk, "clocks=broken") == [first.number]
    assert await numbers(desk, "clocks=due_soon") == [second.number]
    assert await numbers(desk, "clocks=paused") == []


async def test_what_was_proposed_stands_in_the_history(
    hire: Hire, session: AsyncSession, vault: Vault
) -> None:
    desk = await hire(role="supervisor")
    ticket = await hand_over(session, vault, "complaint", "我要投诉")
    answer = await desk.post(f"/complaints/{ticket.number}/proposal", {"text": "补发通知并致歉"})
    assert answer["proposed_at"] is not None
    await desk.post(f"/complaints/{ticket.number}/proposal", {"text": "再说一次"})
    events = (await desk.get(f"/tickets/{ticket.number}"))["events"]
    assert [one["text"] for one in events if one["kind"] == "proposed"] == ["补发通知并致歉"]
