"""In a catastrophe the tickets of those hit go to a queue of their own, and they hear a text at once."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest
from sqlalchemy import select

from backend.conversations.models import OutboundMessage
from backend.core import clock
from backend.notices.models import Surge
from backend.tickets.models import Ticket, TicketKind
from backend.tickets.opening import open_ticket
from tests.factories import customer_says
from tests.insurance import make_policy
from tests.notices.office import Office
from tests.notices.people import as_supervisor

ZONE = ZoneInfo("Asia/Shanghai")


@pytest.fixture
async def surge(office: Office) -> Surge:
    surge = Surge(
        title="台风",
        areas=["杭州", "上海"],
        product_types=["auto"],
        text_zh="您所在地区受灾，已开通专门队列。",
        text_en="A queue of its own takes your matter.",
        since=clock.now(),
        until=clock.now() + timedelta(hours=48),
    )
    office.session.add(surge)
    await office.session.commit()
    return surge


async def ticket_of(office: Office, words: str = "车被水淹了", **contact: Any) -> Ticket:
    receipt = await customer_says(office.session, office.vault, words, **contact)
    ticket, _ = await open_ticket(office.session, ZONE, receipt.conversation_id, TicketKind.INQUIRY, words)
    await office.session.commit()
    return ticket


async def said_to(office: Office, ticket: Ticket) -> list[str]:
    query = select(OutboundMessage.text).where(OutboundMessage.conversation_id == ticket.conversation_id)
    return list(await office.session.scalars(query))


async def driver(office: Office, **values: Any) -> dict[str, Any]:
    """A customer with a car policy, on their proved WeChat; the contact's keys."""
    customer = await office.customer(**({"region": "浙江", "address": "杭州市西湖区演示路 1 号"} | values))
    await make_policy(office.session, customer)
    contact = await office.proved_on(customer, "wechat")
    return {"channel": "wechat", "account": contact.account, "sender": contact.external_id}


async def test_who_lives_there_and_holds_such_a_policy(office: Office, surge: Surge) -> None:
    ticket = await ticket_of(office, **await driver(office))
    assert ticket.skill == "surge"
    assert await said_to(office, ticket) == [surge.text_zh]


async def test_who_lives_elsewhere_goes_the_usual_way(office: Office, surge: Surge) -> None:
    ticket = await ticket_of(office, **await driver(office, region="北京", address="北京市朝阳区"))
    assert ticket.skill == "policy_service"
    assert await said_to(office, ticket) == []


async def test_a_stranger_who_names_the_area(office: Office, surge: Surge) -> None:
    assert (await ticket_of(office, "我在杭州，车被淹了")).skill == "surge"
    assert (await ticket_of(office, "车被淹了", sender="+12125550143")).skill == "policy_service"


async def test_after_its_end_and_once_closed_it_takes_no_more(
    office: Office, surge: Surge, service: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    who = await driver(office)
    supervisor = await as_supervisor(office, service)
    closed = await supervisor.post(f"/api/v1/surges/{surge.id}/close")
    assert closed.json()["closed_at"] is not None
    assert (await ticket_of(office, **who)).skill == "policy_service"
