"""Webhooks: every event once to who follows it, signed, tried again, sent again on request."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from datetime import timedelta
from typing import Any

import httpx
import pytest
import time_machine
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.core import clock
from backend.core.crypto import Vault
from backend.core.db import Database
from backend.webhooks import delivering
from backend.webhooks.addresses import check_address
from backend.webhooks.models import WebhookDelivery, WebhookEvent
from tests.hiring import AtDesk, Hire
from tests.tickets.matters import hand_over

ADDRESS = "https://93.184.215.14/anda"


class Receiver:
    """The insurer's desk: keeps what it got, answers with `status`."""

    def __init__(self) -> None:
        self.got: list[httpx.Request] = []
        self.status = 204

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.got.append(request)
        return httpx.Response(self.status)

    @property
    def types(self) -> list[str]:
        return [json.loads(request.content)["type"] for request in self.got]


@pytest.fixture
def receiver() -> Receiver:
    return Receiver()


@pytest.fixture
async def admin(hire: Hire) -> AtDesk:
    return await hire(role="admin")


async def follow(admin: AtDesk, *events: str) -> Any:
    return await admin.post("/webhooks", {"url": ADDRESS, "events": list(events)}, status=201)


async def deliver(database: Database, vault: Vault, receiver: Receiver) -> None:
    """What the worker's job does."""
    async with database.session.begin() as session:
        await delivering.hand_out(session)
    async with httpx.AsyncClient(transport=httpx.MockTransport(receiver)) as client:
        while await delivering.send_due(database, vault, client):
            pass


async def test_a_tickets_life_is_told_once_and_signed(
    admin: AtDesk, hire: Hire, session: AsyncSession, database: Database, vault: Vault, receiver: Receiver
) -> None:
    secret = (await follow(admin, "ticket.*"))["secret"]
    ticket = await hand_over(session, vault)
    li_na = await hire()
    await li_na.post(f"/tickets/{ticket.number}/accept")
    await li_na.post(f"/tickets/{ticket.number}/notes", {"text": "只给同事看"})
    for _ in range(2):
        await deliver(database, vault, receiver)
    assert receiver.types == ["ticket.opened", "ticket.accepted"]
    request = receiver.got[0]
    signed = f"{request.headers['webhook-id']}.{request.headers['webhook-timestamp']}.".encode()
    key = base64.b64decode(secret.removeprefix("whsec_"))
    expected = base64.b64encode(hmac.digest(key, signed + request.content, hashlib.sha256)).decode()
    assert request.headers["webhook-signature"] == f"v1,{expected}"
    assert json.loads(request.content)["data"]["ticket"] == ticket.number


async def test_a_conversation_is_told_to_who_follows_conversations_only(
    admin: AtDesk, session: AsyncSession, database: Database, vault: Vault, receiver: Receiver
) -> None:
    await follow(admin, "conversation.message_received")
    await hand_over(session, vault, said="转人工")
    await deliver(database, vault, receiver)
    assert receiver.types == ["conversation.message_received"]
    assert json.loads(receiver.got[0].content)["data"]["text"] == "转人工"


async def test_what_was_not_taken_is_tried_again_and_can_be_sent_again(
    admin: AtDesk, session: AsyncSession, database: Database, vault: Vault, receiver: Receiver
) -> None:
    endpoint = await follow(admin, "ticket.opened")
    await hand_over(session, vault)
    receiver.status = 503
    await deliver(database, vault, receiver)
    waiting = (await admin.get(f"/webhooks/{endpoint['id']}/deliveries"))["items"][0]
    assert (waiting["state"], waiting["last_status"], waiting["attempts"]) == ("waiting", 503, 1)
    receiver.status = 200
    with time_machine.travel(clock.machine_now() + timedelta(seconds=6), tick=True):
        await deliver(database, vault, receiver)
    path = f"/webhooks/{endpoint['id']}/deliveries"
    assert (await admin.get(path))["items"][0]["state"] == "delivered"
    await admin.post(f"{path}/{waiting['id']}/replay")
    await deliver(database, vault, receiver)
    assert len({request.headers["webhook-id"] for request in receiver.got}) == 1
    assert len(receiver.got) == 3


async def test_gone_switches_the_endpoint_off(
    admin: AtDesk, session: AsyncSession, database: Database, vault: Vault, receiver: Receiver
) -> None:
    await follow(admin, "*")
    await hand_over(session, vault)
    receiver.status = 410
    await deliver(database, vault, receiver)
    (endpoint,) = (await admin.get("/webhooks"))["items"]
    assert (endpoint["is_active"], endpoint["disabled_reason"]) == (False, "gone")


async def test_for_nobody_nothing_is_noted(session: AsyncSession, vault: Vault) -> None:
    await hand_over(session, vault)
    assert await session.scalar(select(func.count()).select_from(WebhookEvent)) == 0
    assert await session.scalar(select(func.count()).select_from(WebhookDelivery)) == 0


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com/",
        "https://127.0.0.1/",
        "https://10.0.0.8/x",
        "https://[::1]/",
        "https://169.254.169.254/",
    ],
)
async def test_addresses_inside_the_network_are_refused(admin: AtDesk, url: str) -> None:
    await admin.post("/webhooks", {"url": url, "events": ["*"]}, status=422)


async def test_the_demo_may_call_this_machine() -> None:
    assert await check_address("http://127.0.0.1:9000/", is_demo=True) is None


async def test_only_administrators_manage_webhooks(hire: Hire) -> None:
    supervisor = await hire(role="supervisor")
    assert (await supervisor.browser.get("/api/v1/webhooks")).status_code == 403


async def test_a_test_event_reaches_the_receiver_and_its_answer_is_seen(
    admin: AtDesk, database: Database, vault: Vault, receiver: Receiver
) -> None:
    endpoint = await follow(admin, "ticket.opened")
    path = f"/webhooks/{endpoint['id']}"
    assert (await admin.post(f"{path}/test", status=201))["state"] == "waiting"
    await deliver(database, vault, receiver)
    assert receiver.types == ["webhook.test"]
    (sent,) = (await admin.get(f"{path}/deliveries"))["items"]
    assert (sent["state"], sent["last_status"]) == ("delivered", 204)
    off = {"url": ADDRESS, "events": ["ticket.opened"], "is_active": False}
    assert (await admin.browser.put(f"/api/v1{path}", json=off)).status_code == 200
    await admin.post(f"{path}/test", status=409)
