"""Which tickets a list shows: chosen by kind, group, channel and clock, or found by words."""

from __future__ import annotations

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from backend.conversations.bindings import bind
from backend.conversations.models import Contact
from backend.core import clock
from backend.core.crypto import Vault
from tests.factories import make_customer
from tests.hiring import Hire
from tests.tickets.matters import hand_over


async def test_lists_are_narrowed(hire: Hire, session: AsyncSession, vault: Vault) -> None:
    li_na = await hire()
    inquiry = await hand_over(session, vault, said="发票丢了怎么办")
    complaint = await hand_over(session, vault, "complaint", "我要投诉", sender="another")
    customer = await make_customer(session, vault, name="欧阳娜")
    complaint.customer_id, complaint.escalated_at = customer.id, clock.now()
    complaint.warned_at, inquiry.warned_at = clock.now(), clock.now()
    inquiry.offered_to = li_na.agent.id
    await session.commit()
    for query, found in {
        "kind=complaint": [complaint],
        "kind=complaint&kind=inquiry": [complaint, inquiry],
        "skill=policy_service": [inquiry],
        f"channel={inquiry.channel}&kind=inquiry": [inquiry],
        "channel=web&channel=wechat&status=resolved": [],
        "standard=near": [inquiry],
        "standard=near&standard=breached": [complaint, inquiry],
        "offered_to=me": [inquiry],
        f"number={complaint.number}&number=T1": [complaint],
        "q=欧阳": [complaint],
        f"q={inquiry.number[-4:]}": [inquiry],
        "q=发票": [inquiry],
        "q=%25": [],
        f"same_person_as={inquiry.number}": [],
    }.items():
        page = await li_na.get(f"/tickets?{query}")
        assert [row["number"] for row in page["items"]] == [ticket.number for ticket in found], query


async def test_the_other_tickets_of_a_person_are_found_on_every_channel(
    hire: Hire, session: AsyncSession, vault: Vault
) -> None:
    first = await hand_over(session, vault)
    second = await hand_over(session, vault, "callback", "请回电")
    elsewhere = await hand_over(session, vault, sender="another")
    customer = await make_customer(session, vault)
    for ticket in (first, elsewhere):
        await bind(session, await session.get_one(Contact, ticket.contact_id), customer.id)
        ticket.customer_id = customer.id
    await session.commit()
    li_na = await hire()
    page = await li_na.get(f"/tickets?same_person_as={first.number}")
    assert {row["number"] for row in page["items"]} == {second.number, elsewhere.number}


async def test_a_ticket_tells_its_place_in_the_queue(hire: Hire, session: AsyncSession, vault: Vault) -> None:
    first = await hand_over(session, vault)
    second = await hand_over(session, vault, sender="another")
    li_na = await hire()
    assert (await li_na.get(f"/tickets/{second.number}"))["position"] == 2
    await li_na.post(f"/tickets/{first.number}/accept")
    assert (await li_na.get(f"/tickets/{second.number}"))["position"] == 1
    assert (await li_na.get(f"/tickets/{first.number}"))["position"] is None


@pytest.mark.parametrize(
    "query", ["kind=nonsense", "standard=late", "offered_to=none", f"q={'x' * 101}", "number=%00"]
)
async def test_nonsense_is_refused(hire: Hire, query: str) -> None:
    assert (await (await hire()).browser.get(f"/api/v1/tickets?{query}")).status_code == 422
