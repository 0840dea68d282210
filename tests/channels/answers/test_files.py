"""A file that an agent sent, on channels that cannot show it: a link, and a page that asks who is there."""

from __future__ import annotations

from datetime import timedelta

import httpx
import pytest
import time_machine
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.conversations import bindings
from backend.conversations.identity import identity_of
from backend.conversations.models import Contact, Conversation, OutboundMessage
from backend.conversations.outgoing import Attachment, Reply, queue_reply
from backend.core import clock, files
from backend.core.crypto import Vault
from backend.core.settings import Settings
from backend.customers.models import Customer
from channels.ready import Ways, ready
from channels.sending import Outgoing
from channels.sms.sender import SmsSender
from channels.wechat.rendering import contents, numbered
from tests.channels.accounts import make_settings
from tests.channels.web.uploading import PDF, a_picture
from tests.factories import customer_says, make_customer

BASE = "https://chat.anda.example"


async def sent(
    session: AsyncSession, vault: Vault, settings: Settings, data: bytes = PDF, name: str = "分割单.pdf",
    channel: str = "sms",
) -> Outgoing:  # fmt: skip
    """An agent's file as its channel gets it; the contact is bound when there is a customer."""
    receipt = await customer_says(session, vault, "请把分割单发给我", channel=channel)
    conversation = await session.get_one(Conversation, receipt.conversation_id)
    contact = await session.get_one(Contact, conversation.contact_id)
    if (customer := await session.scalar(select(Customer))) is not None:
        await bindings.bind(session, contact, customer.id)
    attachment = Attachment(files.keep(settings.data_dir, data), name)
    reply = Reply("", speaker="agent", attachment=attachment)
    identity = await identity_of(session, contact)
    outbound = await queue_reply(session, conversation, contact, identity, reply)
    message = await ready(session, Ways(vault, BASE), outbound)
    await session.commit()
    return message


def path_of(message: Outgoing) -> str:
    assert message.file is not None
    return str(message.file["url"]).removeprefix(BASE)


async def test_each_channel_gets_what_it_can_show(
    session: AsyncSession, vault: Vault, settings: Settings
) -> None:
    pdf = await sent(session, vault, settings)
    (body,) = SmsSender(make_settings()).bodies(pdf)
    assert body.startswith(f"分割单.pdf {BASE}/f/")
    (card,) = contents(await sent(session, vault, settings, channel="wechat"))
    assert card["text"]["content"].startswith(f"分割单.pdf\n{BASE}/f/")
    picture = await sent(session, vault, settings, a_picture(), "照片.jpg", "wechat")
    assert [content["msgtype"] for content in contents(picture)] == ["image"]
    assert f"{BASE}/f/" in numbered(picture)  # WeChat's passive mode has no pictures
    webp = await sent(session, vault, settings, a_picture(kind="WEBP"), "照片.webp", "wechat")
    assert [content["msgtype"] for content in contents(webp)] == ["text"]


async def test_the_page_gives_the_file_to_who_knows_the_last_four(
    client: httpx.AsyncClient, session: AsyncSession, vault: Vault, settings: Settings
) -> None:
    await make_customer(session, vault)
    path = path_of(await sent(session, vault, settings))
    page = await client.get(path)
    assert (page.status_code, page.headers["x-robots-tag"]) == (200, "noindex")
    assert "分割单.pdf" in page.text
    assert "后四位" in page.text
    wrong = await client.post(path, data={"last4": "0000"})
    assert wrong.status_code == 403
    assert "不符" in wrong.text
    right = await client.post(path, data={"last4": "1235"})
    assert (right.status_code, right.content) == (200, PDF)
    assert right.headers["content-disposition"].startswith("attachment")
    assert "sandbox" in right.headers["content-security-policy"]
    for _ in range(4):
        await client.post(path, data={"last4": "0001"})
    locked = await client.post(path, data={"last4": "1235"})
    assert locked.status_code == 429
    assert PDF not in locked.content
    with time_machine.travel(clock.machine_now() + timedelta(hours=25), tick=True):
        assert (await client.post(path, data={"last4": "1235"})).status_code == 200


async def test_a_file_for_nobody_we_know_opens_by_its_link(
    client: httpx.AsyncClient, session: AsyncSession, vault: Vault, settings: Settings
) -> None:
    path = path_of(await sent(session, vault, settings))
    assert (await client.post(path, data={})).content == PDF


@pytest.mark.parametrize("what", ["forged", "late", "unbound", "somebody else"])
async def test_a_link_that_is_over_opens_nothing(
    client: httpx.AsyncClient, session: AsyncSession, vault: Vault, settings: Settings, what: str
) -> None:
    await make_customer(session, vault)
    path = path_of(await sent(session, vault, settings))
    contact = (await session.scalars(select(Contact))).one()
    later = timedelta(days=9) if what == "late" else timedelta(minutes=5)
    with time_machine.travel(clock.machine_now() + later, tick=True):
        if what == "forged":
            path = path[:-1] + ("0" if path[-1] != "0" else "1")
        elif what == "unbound":
            await bindings.unbind(session, contact.id, "phone_changed")
        elif what == "somebody else":
            other = await make_customer(
                session, vault, phone="+8614000000002", id_number="99999919900101124X"
            )
            await bindings.bind(session, contact, other.id)
        await session.commit()
        assert (await client.get(path)).status_code == 404
        gone = await client.post(path, data={"last4": "1235"})
        assert gone.status_code == 404
        assert PDF not in gone.content


async def test_a_new_proof_of_the_same_person_leaves_the_link_open(
    client: httpx.AsyncClient, session: AsyncSession, vault: Vault, settings: Settings
) -> None:
    customer = await make_customer(session, vault)
    path = path_of(await sent(session, vault, settings))
    with time_machine.travel(clock.machine_now() + timedelta(days=3), tick=True):
        contact = (await session.scalars(select(Contact))).one()
        await bindings.bind(session, contact, customer.id)
        await session.commit()
        assert (await client.post(path, data={"last4": "1235"})).content == PDF
    assert (await session.scalars(select(OutboundMessage))).one().payload["file"]["file_name"] == "分割单.pdf"
