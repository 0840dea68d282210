"""A person's phone against the real connectors: the vendors' signatures and encryption must pass."""

import asyncio
import base64
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import redis.asyncio as redis
from fastapi import FastAPI

from backend.core.db import Database
from backend.core.settings import Settings
from channels.simulator.app import create_app
from channels.simulator.people import demo_openid
from channels.sms.client import TwilioClient
from channels.sms.sender import SmsSender
from channels.wechat.client import WeChatClient
from channels.wechat.sender import WeChatSender
from tests.channels import rows
from tests.channels.accounts import make_app, make_settings, wechat_settings
from tests.channels.outgoing import MENU, outgoing

PEOPLE = [
    {"id": 1, "name": "王芳", "latin_name": "Wang Fang", "phone": "+8614200000101", "language": "zh-Hans"},
    {"id": 2, "name": "John Miller", "latin_name": None, "phone": "+12125550142", "language": "en"},
    {"id": 3, "name": "No Phone", "latin_name": None, "phone": None, "language": "en"},
]


def make_simulator(settings: Settings, database: Database, redis_client: redis.Redis) -> FastAPI:
    """The simulator before an api that has the connectors and a list of customers."""
    api = make_app(settings, database, redis_client)

    @api.get("/api/v1/customers")
    async def customers(cursor: str | None = None) -> dict[str, Any]:
        return {"items": PEOPLE[1:], "next": None} if cursor else {"items": PEOPLE[:1], "next": "more"}

    return create_app(settings, httpx.AsyncClient(transport=httpx.ASGITransport(api)))


@pytest.fixture
def simulator(settings: Settings, database: Database, redis_client: redis.Redis) -> FastAPI:
    return make_simulator(settings, database, redis_client)


@pytest.fixture
async def page(simulator: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    """The page's calls."""
    transport = httpx.ASGITransport(simulator)
    async with httpx.AsyncClient(transport=transport, base_url="http://simulator") as http:
        yield http


async def entries(page: httpx.AsyncClient, person: int, app: str) -> list[dict[str, Any]]:
    found = (await page.get(f"/api/phones/{person}")).json()["entries"]
    return [entry for entry in found if entry["app"] == app]


async def test_everyone_with_a_phone_can_be_played(page: httpx.AsyncClient) -> None:
    people = (await page.get("/api/people")).json()["items"]
    assert [person["name"] for person in people] == ["王芳", "John Miller"]
    assert people[0]["openid"] == demo_openid(1)
    assert len(demo_openid(1)) == 28
    assert (await page.get("/api/phones/3")).status_code == 404


@pytest.mark.parametrize("mode", ["safe", "plain", "compatible"])
async def test_a_wechat_text_reaches_the_inbox(
    database: Database, redis_client: redis.Redis, database_url: str, redis_url: str, mode: str
) -> None:
    settings = make_settings(
        database_url=database_url, redis_url=redis_url, wechat=wechat_settings(mode=mode)
    )
    transport = httpx.ASGITransport(make_simulator(settings, database, redis_client))
    async with httpx.AsyncClient(transport=transport, base_url="http://simulator") as page:
        answer = await page.post("/api/phones/1/wechat", json={"text": "我的理赔 ]]> & <b>"})
        assert answer.json() == {"accepted": True}
        shown = await entries(page, 1, "wechat")
    [message] = await rows.inbound(database)
    assert (message.text, message.type) == ("我的理赔 ]]> & <b>", "text")
    assert [entry["kind"] for entry in shown] == ["out", "status"]


async def test_an_sms_reaches_the_inbox(page: httpx.AsyncClient, database: Database) -> None:
    assert (await page.post("/api/phones/2/sms", json={"text": "Hi"})).json() == {"accepted": True}
    [message] = await rows.inbound(database)
    assert (message.text, message.language) == ("Hi", "en")


async def test_what_is_not_text_arrives_as_its_type(page: httpx.AsyncClient, database: Database) -> None:
    for kind in ("image", "voice", "video", "location", "link"):
        await page.post("/api/phones/1/wechat", json={"type": kind, "text": "人民大道"})
    await page.post("/api/phones/1/wechat", json={"type": "follow"})
    await page.post("/api/phones/1/wechat", json={"type": "menu", "key": "human", "text": "转人工"})
    kinds = [message.type for message in await rows.inbound(database)]
    assert kinds == ["image", "voice", "video", "location", "link", "event", "text"]


async def test_our_replies_arrive_on_the_phone(
    simulator: FastAPI, page: httpx.AsyncClient, settings: Settings, redis_client: redis.Redis
) -> None:
    await page.post("/api/phones/1/wechat", json={"text": "你好"})
    http = httpx.AsyncClient(transport=httpx.ASGITransport(simulator))
    wechat = WeChatSender(settings, redis_client, WeChatClient(settings.wechat, redis_client, http))
    await wechat.send(outgoing(demo_openid(1), "请选择", choices=MENU))
    [reply] = [entry for entry in await entries(page, 1, "wechat") if entry["kind"] == "in"]
    assert reply["text"] == "请选择"
    assert [entry["id"] for entry in reply["menu"]] == ["choice:one", "choice:two"]
    sms = SmsSender(settings, TwilioClient(settings.twilio, http))
    waiting = asyncio.create_task(page.get("/api/phones/2?wait=10"))
    await sms.send(outgoing("+12125550142", "Your code is 123456"))
    assert (await waiting).json()["entries"]
    await simulator.state.simulator.sms.platform.settled()
    arrived = [entry for entry in await entries(page, 2, "sms") if entry["kind"] == "in"]
    assert arrived[0]["text"] == "Your code is 123456"
    logged = await entries(page, 2, "log")
    assert logged[0]["direction"] == "api"
    assert "Body=Your code is 123456" in logged[0]["request"]
    await http.aclose()


async def test_a_picture_goes_out_and_can_be_seen(
    simulator: FastAPI, page: httpx.AsyncClient, database: Database
) -> None:
    mine = "data:image/png;base64," + base64.b64encode(b"my picture").decode()
    await page.post("/api/phones/1/wechat", json={"type": "image", "picture": mine})
    await page.post("/api/phones/2/sms", json={"text": "receipt", "pictures": [mine, "sample"]})
    assert [(row.kind, row.state) for row in await rows.media(database)] == [("image", "pending")] * 3
    shown = (await entries(page, 1, "wechat"))[0]["pictures"] + (await entries(page, 2, "sms"))[0]["pictures"]
    first, second, sample = [await page.get(f"/api/pictures/{picture['id']}") for picture in shown]
    assert first.content == second.content == b"my picture"
    assert (sample.headers["content-type"], sample.content[:2]) == ("image/jpeg", b"\xff\xd8")
    assert (await page.get("/api/pictures/unknown")).status_code == 404
    for wrong in ({"pictures": ["http://evil.example"]}, {"pictures": ["data:image/png;base64,€"]}, {}):
        assert (await page.post("/api/phones/2/sms", json=wrong)).status_code == 422


async def test_a_template_its_result_and_a_card_are_seen(
    simulator: FastAPI,
    page: httpx.AsyncClient,
    settings: Settings,
    redis_client: redis.Redis,
    database: Database,
) -> None:
    await page.post("/api/phones/1/wechat", json={"text": "你好"})
    http = httpx.AsyncClient(transport=httpx.ASGITransport(simulator))
    client = WeChatClient(settings.wechat, redis_client, http)
    account = simulator.state.simulator.wechat
    account.platform.template_result = "failed:user block"
    msgid = await client.send_template(demo_openid(1), "TPL", {"thing1": "理赔已到账"}, "anda-7")
    message_id = await rows.sent_message(database, "wechat", settings.wechat.app_id, "o1", msgid)
    await asyncio.gather(*account._tasks)
    told = await rows.outbound(database, message_id)
    assert (told.state, told.error) == ("failed", "failed:user block")
    link = {"title": "怎么理赔", "url": "https://chat.anda.example/a/1"}
    sender = WeChatSender(settings, redis_client, client)
    await sender.send(outgoing(demo_openid(1), "三步即可", link=link))
    template, card = [entry for entry in await entries(page, 1, "wechat") if entry["kind"] == "in"]
    assert template["template"]["values"] == [["thing1", "理赔已到账"]]
    assert card["card"]["title"] == "怎么理赔"
    await http.aclose()


async def test_stop_is_confirmed_by_the_platform(page: httpx.AsyncClient, database: Database) -> None:
    await page.post("/api/phones/2/sms", json={"text": "STOP"})
    assert [entry["kind"] for entry in await entries(page, 2, "sms")] == ["out", "in", "status"]
    [contact] = await rows.contacts(database)
    assert contact.opted_out_at is not None


async def test_an_api_that_is_away_is_said(settings: Settings) -> None:
    def handler(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("")

    app = create_app(settings, httpx.AsyncClient(transport=httpx.MockTransport(handler)))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://simulator") as page:
        assert (await page.get("/api/people")).status_code == 503
