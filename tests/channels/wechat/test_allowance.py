"""What WeChat lets us send is kept count of: merged to fit, the last send for a human, the rest held and announced."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import httpx
import pytest
import redis.asyncio as redis
import time_machine
from fastapi import FastAPI
from sqlalchemy import select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from backend.conversations import bindings, leases
from backend.conversations.identity import identity_of
from backend.conversations.models import Contact, Conversation, Kind, Lane, OutboundMessage, OutboundState
from backend.conversations.outgoing import Reply, expire_held, queue_reply
from backend.core import clock
from backend.core.business import BusinessSetting
from backend.core.crypto import Vault
from backend.core.db import Database
from backend.core.settings import Settings
from channels.faults import Fault
from channels.outbox import Outbox
from channels.ready import Ways
from channels.sending import Sender
from channels.sms.client import TwilioClient
from channels.sms.fake import FakeTwilio
from channels.sms.sender import SmsSender
from channels.wechat.client import WeChatClient
from channels.wechat.fake import FakeWeChat
from channels.wechat.sender import WeChatSender
from tests.channels import rows
from tests.channels.accounts import OPENID
from tests.channels.wechat.posts import event_fields, post
from tests.factories import customer_says, make_customer

WAITS = {"template_id": "TPL1", "fields": {"thing1": "{summary}", "time2": "{time}"}}


class Account:
    """An official account, a Twilio account and the outbox before them."""

    def __init__(self, settings: Settings, database: Database, client: redis.Redis, vault: Vault) -> None:
        self.settings, self.database, self.vault = settings, database, vault
        self.wechat = FakeWeChat(settings.wechat.app_id, settings.wechat.app_secret.get_secret_value())
        self.twilio = FakeTwilio(settings.twilio.account_sid, "twilio-test-token", self._no_callback, step=0)
        app = FastAPI()
        app.include_router(self.wechat.router())
        app.include_router(self.twilio.router())
        http = httpx.AsyncClient(transport=httpx.ASGITransport(app))
        senders: dict[str, Sender] = {
            "wechat": WeChatSender(settings, client, WeChatClient(settings.wechat, client, http)),
            "sms": SmsSender(settings, TwilioClient(settings.twilio, http)),
        }
        ways = Ways(vault, "https://chat.anda.example", frozenset(), settings.twilio.account)
        self.outbox = Outbox(database, client, ways, senders)

    async def _no_callback(self, *_: Any) -> None:
        pass

    async def customer_writes(self, sends: int = 5, **values: Any) -> None:
        """A message that allows `sends` sends."""
        self.wechat.heard_from(OPENID, "message")
        self.wechat.people[OPENID].allowances[-1][1] = sends
        where = {"channel": "wechat", "account": self.settings.wechat.app_id, "sender": OPENID}
        allowance = ("message", sends, timedelta(hours=48))
        async with self.database.session() as session:
            await customer_says(session, self.vault, "你好", **where, allowance=allowance, **values)

    async def say(self, *replies: Reply | str) -> None:
        """Queue replies in one transaction, as an answer is, and send."""
        async with self.database.session.begin() as session:
            conversation = (await session.scalars(select(Conversation).order_by(Conversation.id))).first()
            assert conversation is not None
            contact = await session.get_one(Contact, conversation.contact_id)
            identity = await identity_of(session, contact)
            for reply in replies:
                queued = Reply(reply) if isinstance(reply, str) else reply
                await queue_reply(session, conversation, contact, identity, queued)
        await self.send()

    async def send(self) -> None:
        async with self.database.session.begin() as session:
            due = update(Conversation).where(Conversation.outbox_due_at.is_not(None))
            await session.execute(due.values(outbox_due_at=text("now()")))
            await session.execute(update(OutboundMessage).values(due_at=text("now() - interval '1 second'")))
        async with self.database.session.begin() as session:
            taken = await leases.take(session, "outbox", 10)
        for lease in taken:
            await self.outbox.serve(lease)

    @property
    def said(self) -> list[str]:
        """The texts that the phone received."""
        return [message["text"]["content"] for message in self.wechat.messages if "text" in message]

    async def sent(self) -> list[OutboundMessage]:
        async with self.database.session() as session:
            return list(await session.scalars(select(OutboundMessage).order_by(OutboundMessage.id)))

    async def set(self, key: str, value: Any) -> None:
        async with self.database.session.begin() as session:
            session.add(BusinessSetting(key=key, value={"value": value}))

    async def bind(self, phone: str) -> int:
        """The person behind the openid proves to be a customer with this phone."""
        async with self.database.session() as session:
            customer = await make_customer(session, self.vault, phone=phone)
            contact = (await session.scalars(select(Contact).where(Contact.channel == "wechat"))).one()
            await bindings.bind(session, contact, customer.id)
            await session.commit()
            return customer.id


@pytest.fixture
async def account(
    settings: Settings, database: Database, redis_client: redis.Redis
) -> AsyncIterator[Account]:
    made = Account(settings, database, redis_client, Vault(settings.encryption_keys.get_secret_value()))
    yield made
    await made.twilio.close()


async def test_replies_that_fit_go_one_by_one(account: Account) -> None:
    await account.customer_writes()
    await account.say("一", "二", "三", "四")
    assert account.said == ["一", "二", "三", "四"]


async def test_what_would_overflow_is_merged_and_the_last_send_is_kept(account: Account) -> None:
    await account.customer_writes()
    await account.say(*"一二三四五六七")
    assert account.said == ["一", "二", "三", "四\n\n五\n\n六\n\n七"]
    assert {message.state for message in await account.sent()} == {OutboundState.SENT}


async def test_an_agent_may_spend_the_last_one(account: Account) -> None:
    await account.customer_writes(sends=2)
    await account.say("答复", "还有一句", Reply("我是李娜", speaker="agent"))
    assert account.said == ["答复\n\n还有一句", "我是李娜"]
    await account.say(Reply("再说一句", speaker="agent"))
    assert account.said[2:] == []


async def test_merged_buttons_are_numbers_and_only_the_latest_answers_count(account: Account) -> None:
    await account.customer_writes(sends=2)
    async with account.database.session.begin() as session:
        first = (await session.scalars(text("SELECT id FROM inbound_messages"))).one()  # type: ignore[call-overload]
    await account.customer_writes(sends=0)
    old = Reply("查哪一项？", buttons=[("保单", "/a"), ("保费", "/b")], inbound_id=first, position=1)
    new = Reply("哪张保单？", buttons=[("车险", "/c"), ("寿险", "/d")], inbound_id=first + 1, position=1)
    await account.say(old, new)
    assert account.said == ["查哪一项？\n· 保单\n· 保费\n\n哪张保单？\n1. 车险\n2. 寿险"]


async def test_a_merged_text_longer_than_one_message_goes_in_several(account: Account) -> None:
    await account.customer_writes(sends=3)
    replies = [f"{number}" + "字" * 300 for number in range(4)]
    await account.say(*replies)
    assert len(account.said) == 2
    assert "".join(account.said).replace("\n\n", "") == "".join(replies)
    assert max(len(content.encode()) for content in account.said) <= 2047


async def test_a_send_refused_for_now_is_not_paid_twice(account: Account) -> None:
    await account.customer_writes(sends=2)
    account.wechat.faults.waiting.append(Fault(status=200, code=-1, path="custom/send"))
    await account.say("一")
    await account.send()
    assert account.said == ["一"]


async def test_what_is_left_over_waits_for_the_next_message(account: Account) -> None:
    await account.customer_writes(sends=1)
    await account.say("先说的", "后说的")
    assert account.said == []
    assert [message.via for message in await account.sent()] == ["next_message"] * 2
    await account.customer_writes()
    await account.say("新的答复")
    assert account.said == ["先说的", "后说的", "新的答复"]


async def test_held_replies_do_not_wait_for_ever(account: Account, database: Database) -> None:
    await account.customer_writes(sends=0)
    await account.say("没人来取")
    with time_machine.travel(clock.now() + timedelta(days=8), tick=True):
        async with database.session.begin() as session:
            await expire_held(session)
    assert [message.state for message in await account.sent()] == [OutboundState.EXPIRED]


async def test_when_the_platform_says_it_is_over_the_ledger_believes_it(account: Account) -> None:
    await account.customer_writes()
    account.wechat.people[OPENID].allowances.clear()
    await account.say("一", "二")
    held = await account.sent()
    assert [(message.via, message.error) for message in held] == [
        ("next_message", "45015"),
        ("next_message", "no_allowance"),
    ]


async def test_a_template_tells_that_an_answer_waits_and_its_result_is_kept(
    account: Account, client: httpx.AsyncClient
) -> None:
    await account.set("wechat_templates", {"reply_waiting": WAITS})
    await account.customer_writes(sends=0)
    await account.say(Reply("您的理赔款已经批准，预计三个工作日内到账，请留意银行短信。", speaker="agent"))
    [template] = account.wechat.messages
    _, told = await account.sent()
    assert template["template_id"] == "TPL1"
    assert template["data"]["thing1"]["value"] == "您的理赔款已经批准，预计三个工作日内到…"
    assert template["client_msg_id"] == f"anda-{told.id}"
    fields = event_fields("TEMPLATESENDJOBFINISH", MsgID=str(told.platform_id), Status="success")
    await post(client, account.settings.wechat, fields)
    assert (await rows.outbound(account.database, told.id)).state == OutboundState.DELIVERED


async def test_a_template_in_doubt_is_repeated_under_its_id(account: Account) -> None:
    await account.set("wechat_templates", {"reply_waiting": WAITS})
    await account.customer_writes(sends=0)
    account.wechat.faults.waiting.append(Fault(status=502, takes=True, path="template/send"))
    await account.say("答复")
    await account.send()
    assert len(account.wechat.messages) == 1
    assert (await account.sent())[-1].state == OutboundState.SENT


async def test_without_a_template_the_bound_customer_hears_by_sms_once(account: Account) -> None:
    await account.customer_writes(sends=0)
    await account.bind("+12125550142")
    await account.say("答复一", "答复二")
    await account.say("答复三")
    [sms] = account.twilio.messages
    assert sms["to"] == "+12125550142"
    assert sms["body"].endswith("https://chat.anda.example/")
    assert "答复" not in sms["body"]


@pytest.mark.parametrize("how", ["nobody", "opted_out", "mainland"])
async def test_no_sms_to_strangers_to_who_stopped_or_without_a_registered_wording(
    account: Account, how: str
) -> None:
    await account.customer_writes(sends=0)
    if how != "nobody":
        await account.bind("+8614000000001" if how == "mainland" else "+12125550142")
    if how == "opted_out":
        async with account.database.session() as session:
            word = {"sender": "+12125550142", "effect": "opt_out"}
            await customer_says(session, account.vault, "STOP", **word)
    await account.say("答复")
    assert account.twilio.messages == []


async def test_mainland_china_is_told_in_the_registered_wording(account: Account) -> None:
    await account.set(
        "sms_templates_cn", {"reply_waiting": {"zh": "【安答保险】您有一条新回复，请在微信查看。"}}
    )
    await account.customer_writes(sends=0)
    await account.bind("+8614000000001")
    await account.say("答复")
    assert [sms["body"] for sms in account.twilio.messages] == ["【安答保险】您有一条新回复，请在微信查看。"]


async def test_who_left_the_account_is_not_written_to_any_more(account: Account) -> None:
    await account.customer_writes()
    account.wechat.follow(OPENID, follows=False)
    await account.say("一")
    await account.say("二")
    assert [message.error for message in await account.sent()] == ["43004", "unfollowed"]
    assert await rows.consents(account.database) == [(False, "43004")]


async def test_a_notice_goes_as_text_in_the_window_then_by_template_and_never_with_the_last_send(
    account: Account,
) -> None:
    notice = {"template": "claim_stage", "values": {"number": "C2026000101"}}
    reply = Reply("您的理赔有进展", kind=Kind.NOTICE, lane=Lane.NOTICE, payload={"notice": notice})
    await account.customer_writes(sends=2)
    await account.say(reply)
    await account.say(reply)
    assert (account.said, (await account.sent())[-1].error) == (["您的理赔有进展"], "no_way")
    await account.set(
        "wechat_templates", {"claim_stage": {"template_id": "T2", "fields": {"thing1": "{number}"}}}
    )
    await account.say(reply)
    assert account.wechat.messages[-1]["data"] == {"thing1": {"value": "C2026000101"}}


async def test_a_notice_to_mainland_china_is_its_registered_wording_or_nothing(account: Account) -> None:
    async with account.database.session() as session:
        await customer_says(session, account.vault, "查", sender="+8614000000001", effect="one_way")
    notice = {"template": "claim_stage", "values": {"number": "C2026000101"}}
    link = {"title": "查看", "url": "https://chat.anda.example/"}
    payload = {"notice": notice, "link": link}
    await account.say(Reply("进展", kind=Kind.NOTICE, lane=Lane.NOTICE, payload=payload), "直接回复")
    assert [message.error for message in await account.sent()] == ["no_template"] * 2
    await account.set("sms_templates_cn", {"claim_stage": {"zh": "【安答保险】理赔{number}有进展。"}})
    await account.say(Reply("进展", kind=Kind.NOTICE, lane=Lane.NOTICE, payload=payload))
    assert [sms["body"] for sms in account.twilio.messages] == ["【安答保险】理赔C2026000101有进展。"]


async def test_an_sms_refused_at_once_opts_out_and_the_next_is_not_tried(account: Account) -> None:
    async with account.database.session() as session:
        await customer_says(session, account.vault, "hello", account=account.settings.twilio.account)
    account.twilio.phone_sent("+12125550142", "STOP")
    await account.say("one")
    await account.say("two")
    assert [message.error for message in await account.sent()] == ["21610", "opted_out"]
    assert await rows.consents(account.database) == [(False, "21610")]


async def test_segments_are_on_the_record(account: Account, session: AsyncSession) -> None:
    async with account.database.session() as other:
        await customer_says(other, account.vault, "hello", account=account.settings.twilio.account)
    await account.say("字" * 100)
    details = (await session.scalars(text("SELECT details FROM interactions ORDER BY id DESC LIMIT 1"))).one()  # type: ignore[call-overload]
    assert (details["segments"], (await account.sent())[0].segments) == (2, 2)


async def test_a_long_answer_by_sms_leads_to_a_page_only_when_anybody_may_read_it(account: Account) -> None:
    async with account.database.session() as session:
        receipt = await customer_says(session, account.vault, "hi", account=account.settings.twilio.account)
        second = await customer_says(session, account.vault, "hi", account=account.settings.twilio.account)
    general = {"intent": "ask_faq", "position": 1}
    await account.say(
        Reply("犹豫期是指" * 100, inbound_id=receipt.inbound_id, **general),
        Reply("您的保单有" * 100, inbound_id=second.inbound_id, intent="query_policies", position=1),
    )
    faq, personal = (sms["body"] for sms in account.twilio.messages)
    assert "… https://chat.anda.example/a/" in faq
    assert personal.endswith("… https://chat.anda.example/")
