"""Our sender and client against the fake of the platform."""

import asyncio
import io
import re
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
import redis.asyncio as redis
import time_machine
from fastapi import FastAPI
from PIL import Image

from backend.core import clock, files
from backend.core.settings import Settings
from channels.faults import Fault
from channels.fetching import MediaGone
from channels.sending import OutcomeUnknown, Picture, SendLater, SendRejected, Template
from channels.wechat.client import WeChatClient
from channels.wechat.fake import FakeWeChat
from channels.wechat.rendering import TEXT_BYTES
from channels.wechat.sender import WeChatSender
from tests.channels.accounts import OPENID, PUBLIC_URL, make_settings
from tests.channels.outgoing import MENU, outgoing


@pytest.fixture
def settings() -> Settings:
    return make_settings()


@pytest.fixture
def platform(settings: Settings) -> FakeWeChat:
    fake = FakeWeChat(settings.wechat.app_id, settings.wechat.app_secret.get_secret_value())
    fake.heard_from(OPENID, "message")
    return fake


def connect(settings: Settings, platform: FakeWeChat, redis_client: redis.Redis) -> WeChatClient:
    """A client as one process has it."""
    app = FastAPI()
    app.include_router(platform.router())
    return WeChatClient(settings.wechat, redis_client, httpx.AsyncClient(transport=httpx.ASGITransport(app)))


@pytest.fixture
async def wechat(
    settings: Settings, platform: FakeWeChat, redis_client: redis.Redis
) -> AsyncIterator[WeChatClient]:
    client = connect(settings, platform, redis_client)
    yield client
    await client.close()


@pytest.fixture
def sender(settings: Settings, redis_client: redis.Redis, wechat: WeChatClient) -> WeChatSender:
    return WeChatSender(settings, redis_client, wechat)


async def test_a_text_arrives_in_raw_utf8(sender: WeChatSender, platform: FakeWeChat) -> None:
    await sender.send(outgoing(OPENID, "您的理赔已到账 😀"))
    assert platform.messages == [
        {"touser": OPENID, "msgtype": "text", "text": {"content": "您的理赔已到账 😀"}}
    ]


async def test_escapes_are_refused_by_the_fake(wechat: WeChatClient, platform: FakeWeChat) -> None:
    token = await wechat.token.get()
    app = FastAPI()
    app.include_router(platform.router())
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://wechat") as http:
        answer = await http.post(
            "/cgi-bin/message/custom/send",
            params={"access_token": token},
            content=b'{"touser":"x","text":{"content":"\\u4f60"}}',
        )
    assert answer.json()["errcode"] == 40033


async def test_choices_are_a_menu_whose_ids_are_our_tokens(
    sender: WeChatSender, platform: FakeWeChat
) -> None:
    await sender.send(
        outgoing(OPENID, "Which one?", choices=MENU, link={"title": "Help", "url": "https://x.example"})
    )
    menu = platform.messages[0]["msgmenu"]
    assert menu["head_content"] == "Which one?\nHelp\nhttps://x.example"
    assert [entry["id"] for entry in menu["list"]] == ["choice:one", "choice:two"]


async def test_a_long_text_goes_in_several_and_loses_nothing(
    sender: WeChatSender, platform: FakeWeChat
) -> None:
    text = "\n".join(f"第{number}条 保险人按照约定承担给付责任，但下列情形除外。" for number in range(60))
    part, is_all = 0, False
    while not is_all:
        is_all = (await sender.send(outgoing(OPENID, text, part=part))).is_all
        part += 1
    said = [message["text"]["content"] for message in platform.messages]
    assert part == 3
    assert max(len(content.encode()) for content in said) <= TEXT_BYTES
    assert "\n".join(said) == text


async def test_a_short_answer_with_a_link_is_a_card(sender: WeChatSender, platform: FakeWeChat) -> None:
    link = {"title": "怎么理赔", "url": "https://chat.anda.example/a/1"}
    await sender.send(outgoing(OPENID, "三步即可", link=link))
    [article] = platform.messages[0]["news"]["articles"]
    assert (article["title"], article["description"], article["url"]) == ("怎么理赔", "三步即可", link["url"])
    await sender.send(outgoing(OPENID, "字" * 200, link=link))
    assert platform.messages[1]["text"]["content"].endswith("怎么理赔\nhttps://chat.anda.example/a/1")


async def test_an_agents_picture_is_uploaded_and_shown(
    settings: Settings, platform: FakeWeChat, redis_client: redis.Redis, wechat: WeChatClient, tmp_path: Path
) -> None:
    written = io.BytesIO()
    Image.new("RGB", (8, 8)).save(written, "PNG")
    stored = files.keep(tmp_path, written.getvalue())
    sender = WeChatSender(settings.model_copy(update={"data_dir": tmp_path}), redis_client, wechat)
    message = outgoing(OPENID, "请看", speaker="agent", image=Picture(stored.name, stored.content_type))
    assert not (await sender.send(message)).is_all
    assert (await sender.send(replace(message, part=1))).is_all
    said, shown = platform.messages
    assert said["text"]["content"] == "请看"
    assert platform.media.files[shown["image"]["media_id"]] == (
        files.path_of(tmp_path, stored.name).read_bytes(),
        "image/png",
    )
    with pytest.raises(SendRejected):
        await sender.send(outgoing(OPENID, "", image=Picture(stored.name, "application/pdf")))
    with pytest.raises(SendRejected):
        await sender.send(outgoing(OPENID, "", image=Picture("0" * 40, "image/png")))
    platform.faults.waiting.append(Fault(status=502, path="media/upload"))
    with pytest.raises(SendLater):
        await sender.send(replace(message, part=1))


async def test_media_are_fetched_whatever_the_token_does(wechat: WeChatClient, platform: FakeWeChat) -> None:
    media_id = platform.media.add(b"picture", "image/jpeg")
    await wechat.token.get()
    platform.revoke_token()
    assert await wechat.fetch_media(media_id) == b"picture"
    with pytest.raises(MediaGone):
        await wechat.fetch_media("unknown")
    with pytest.raises(MediaGone):
        await wechat.fetch_media(platform.media.add(b"film", "video/mp4"))
    platform.faults.waiting.append(Fault(status=504, path="media/get"))
    with pytest.raises(SendLater):
        await wechat.fetch_media(media_id)


async def test_a_template_is_filled_within_the_platforms_limits(
    sender: WeChatSender, platform: FakeWeChat
) -> None:
    fields = {"thing1": "{summary}", "time2": "{time}", "thing3": "固定的话", "phrase4": "{unknown}"}
    template = Template("TPL", fields, {"summary": "字" * 30})
    sent = await sender.send(outgoing(OPENID, "x", template=template))
    data = {name: value["value"] for name, value in platform.messages[0]["data"].items()}
    assert data["thing1"] == "字" * 19 + "…"
    assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d", data["time2"])
    assert (data["thing3"], data["phrase4"]) == ("固定的话", "")
    assert sent.platform_id
    assert platform.messages[0]["url"] == f"{PUBLIC_URL}/"


async def test_the_sixth_send_is_over_the_quota(sender: WeChatSender, platform: FakeWeChat) -> None:
    for _ in range(5):
        await sender.send(outgoing(OPENID))
    with pytest.raises(SendRejected) as refused:
        await sender.send(outgoing(OPENID))
    assert refused.value.code == "45047"
    platform.heard_from(OPENID, "message")
    await sender.send(outgoing(OPENID))


async def test_a_tap_allows_three_sends_for_a_minute(sender: WeChatSender, platform: FakeWeChat) -> None:
    openid = OPENID[::-1].replace("o", "x")
    openid = "o" + openid[1:]
    with pytest.raises(SendRejected) as refused:
        await sender.send(outgoing(openid))
    assert refused.value.code == "45015"
    platform.heard_from(openid, "event")
    await sender.send(outgoing(openid))
    with time_machine.travel(clock.now() + timedelta(minutes=2)), pytest.raises(SendRejected) as refused:
        await sender.send(outgoing(openid))
    assert refused.value.code == "45015"


async def test_who_left_is_not_reached(sender: WeChatSender, platform: FakeWeChat) -> None:
    platform.follow(OPENID, follows=False)
    with pytest.raises(SendRejected) as refused:
        await sender.send(outgoing(OPENID))
    assert refused.value.code == "43004"


async def test_one_refresh_whatever_the_number_of_refusals(
    settings: Settings, platform: FakeWeChat, redis_client: redis.Redis
) -> None:
    """Four processes, five sends each, all refused with 40001 at once."""
    clients = [connect(settings, platform, redis_client) for _ in range(4)]
    await asyncio.gather(*(client.token.get() for client in clients))
    assert platform.token_requests == 1
    platform.revoke_token()
    people = [f"o{number:027d}" for number in range(20)]
    for openid in people:
        platform.heard_from(openid, "message")
    senders = [WeChatSender(settings, redis_client, client) for client in clients]
    sends = [senders[number % 4].send(outgoing(openid)) for number, openid in enumerate(people)]
    await asyncio.gather(*sends)
    assert platform.token_requests == 2
    assert len(platform.messages) == 20
    for client in clients:
        await client.close()


async def test_a_token_refused_for_ever_is_refreshed_once_a_call(
    sender: WeChatSender, platform: FakeWeChat
) -> None:
    platform.faults.waiting.append(Fault(count=4, status=200, code=40001))
    with pytest.raises(SendLater):
        await sender.send(outgoing(OPENID))
    with pytest.raises(SendLater):
        await sender.send(outgoing(OPENID))
    # The first fetch, one that gave the same token again, and one forced: no more within 30 s.
    assert platform.token_requests <= 4
    await sender.send(outgoing(OPENID))


async def test_without_redis_it_sends_all_the_same(settings: Settings, platform: FakeWeChat) -> None:
    nowhere = redis.Redis(unix_socket_path="/nonexistent/anda.sock")
    client = connect(settings, platform, nowhere)
    sender = WeChatSender(settings, nowhere, client)
    for _ in range(2):
        await sender.send(outgoing(OPENID))
    assert (len(platform.messages), platform.token_requests) == (2, 1)
    await client.close()
    await nowhere.aclose()


@pytest.mark.parametrize("code", [-1, 45009, 45011, 42001, 40164])
async def test_what_passes_is_tried_again(sender: WeChatSender, platform: FakeWeChat, code: int) -> None:
    await sender.send(outgoing(OPENID))
    # A refused token is refused again after its refresh.
    platform.faults.waiting.append(Fault(count=2, status=200, code=code))
    with pytest.raises(SendLater) as refused:
        await sender.send(outgoing(OPENID))
    assert refused.value.code == str(code)


@pytest.mark.parametrize(
    "code", [40003, 43004, 43019, 43101, 45002, 45015, 45047, 48001, 48002, 50005, 87014, 99999]
)
async def test_what_does_not_pass_is_final(sender: WeChatSender, platform: FakeWeChat, code: int) -> None:
    platform.faults.waiting.append(Fault(status=200, code=code))
    with pytest.raises(SendRejected) as refused:
        await sender.send(outgoing(OPENID))
    assert refused.value.code == str(code)


async def test_http_errors(sender: WeChatSender, platform: FakeWeChat) -> None:
    for status, expected in ((500, SendLater), (429, SendLater), (502, OutcomeUnknown)):
        platform.faults.waiting.append(Fault(status=status))
        with pytest.raises(expected):
            await sender.send(outgoing(OPENID))


async def test_no_answer_is_unknown(settings: Settings, redis_client: redis.Redis) -> None:
    def handler(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("stable_token"):
            return httpx.Response(200, json={"access_token": "t", "expires_in": 7200})
        raise httpx.ReadTimeout("")

    client = WeChatClient(
        settings.wechat, redis_client, httpx.AsyncClient(transport=httpx.MockTransport(handler))
    )
    with pytest.raises(OutcomeUnknown):
        await WeChatSender(settings, redis_client, client).send(outgoing(OPENID))
    await client.close()


async def test_typing_is_shown_or_quietly_not(sender: WeChatSender, platform: FakeWeChat) -> None:
    await sender.show_typing(OPENID)
    assert platform.people[OPENID].typing_until is not None
    await sender.show_typing(OPENID)
    await sender.show_typing("o" + "n" * 27)


async def test_a_template_with_one_id_is_one_message(wechat: WeChatClient, platform: FakeWeChat) -> None:
    first = await wechat.send_template(OPENID, "tpl", {"thing1": "理赔已到账"}, "anda-7")
    assert await wechat.send_template(OPENID, "tpl", {"thing1": "理赔已到账"}, "anda-7") == first
    assert len(platform.messages) == 1
