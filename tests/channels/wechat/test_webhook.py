import asyncio
import base64
import hashlib
from collections.abc import AsyncIterator, Callable

import httpx
import pytest
import redis.asyncio as redis
from wechatpy.crypto.base import WeChatCipher

from backend.conversations.models import InboundState, OutboundState
from backend.core.db import Database
from backend.core.settings import Settings, WeChatSettings
from tests.channels import rows
from tests.channels.accounts import OPENID, make_app, make_settings, wechat_settings
from tests.channels.wechat.posts import (
    PATH,
    event_fields,
    post,
    post_plain,
    query_of,
    sealed,
    text_fields,
    to_xml,
)


@pytest.fixture
def account(settings: Settings) -> WeChatSettings:
    return settings.wechat


@pytest.fixture
async def plain_client(database: Database, redis_client: redis.Redis) -> AsyncIterator[httpx.AsyncClient]:
    settings = make_settings(wechat=wechat_settings(mode="plain"))
    transport = httpx.ASGITransport(make_app(settings, database, redis_client))
    async with httpx.AsyncClient(transport=transport, base_url="http://api") as http:
        yield http


@pytest.fixture
async def compatible_client(
    database: Database, redis_client: redis.Redis
) -> AsyncIterator[httpx.AsyncClient]:
    settings = make_settings(wechat=wechat_settings(mode="compatible"))
    transport = httpx.ASGITransport(make_app(settings, database, redis_client))
    async with httpx.AsyncClient(transport=transport, base_url="http://api") as http:
        yield http


async def test_the_echo_comes_back_raw(client: httpx.AsyncClient, account: WeChatSettings) -> None:
    answer = await client.get(PATH, params=query_of(account, echostr="5678<x>"))
    assert (answer.status_code, answer.text) == (200, "5678<x>")
    forged = await client.get(PATH, params=query_of(account, echostr="1") | {"signature": "ä"})
    assert forged.status_code == 403


async def test_an_encrypted_text_is_stored_and_acknowledged(
    client: httpx.AsyncClient, account: WeChatSettings, database: Database
) -> None:
    answer = await post(client, account, text_fields())
    assert (answer.status_code, answer.text) == (200, "success")
    [message] = await rows.inbound(database)
    assert (message.text, message.language, message.state) == (
        "我的理赔到哪一步了",
        "zh-Hans",
        InboundState.STORED,
    )
    [contact] = await rows.contacts(database)
    assert (contact.channel, contact.account, contact.external_id) == ("wechat", account.app_id, OPENID)
    assert await rows.allowances(database) == [("message", 5)]


async def test_three_posts_are_one_message(
    client: httpx.AsyncClient, account: WeChatSettings, database: Database
) -> None:
    answers = await asyncio.gather(*(post(client, account, text_fields()) for _ in range(3)))
    assert {answer.text for answer in answers} == {"success"}
    assert len(await rows.inbound(database)) == 1


async def test_one_id_of_two_people_is_two_messages(
    client: httpx.AsyncClient, account: WeChatSettings, database: Database
) -> None:
    await post(client, account, text_fields())
    await post(client, account, text_fields(FromUserName=OPENID[::-1]))
    assert len(await rows.inbound(database)) == 2


@pytest.mark.parametrize("signature", ["", "0" * 40, "ä" * 40])
@pytest.mark.parametrize("name", ["signature", "msg_signature"])
async def test_a_forged_signature_is_refused(
    client: httpx.AsyncClient, account: WeChatSettings, database: Database, name: str, signature: str
) -> None:
    body, query = sealed(account, to_xml(text_fields()))
    answer = await client.post(PATH, params=query | {name: signature}, content=body.encode())
    assert answer.status_code == 403
    assert await rows.inbound(database) == []


async def test_a_missing_signature_is_refused(client: httpx.AsyncClient, account: WeChatSettings) -> None:
    assert (await client.post(PATH, content=b"<xml/>")).status_code == 403
    body, query = sealed(account, to_xml(text_fields()))
    del query["msg_signature"]
    assert (await client.post(PATH, params=query, content=body.encode())).status_code == 403


async def test_another_accounts_message_is_refused(
    client: httpx.AsyncClient, account: WeChatSettings
) -> None:
    body, query = sealed(account, to_xml(text_fields()), app_id="wxffffffffffffffff")
    assert (await client.post(PATH, params=query, content=body.encode())).status_code == 403


def _signed_cipher(account: WeChatSettings, encrypted: str) -> tuple[str, dict[str, str]]:
    query = query_of(account, encrypt_type="aes")
    parts = sorted([account.token.get_secret_value(), query["timestamp"], query["nonce"], encrypted])
    query["msg_signature"] = hashlib.sha1("".join(parts).encode()).hexdigest()
    return f"<xml><Encrypt>{encrypted}</Encrypt></xml>", query


@pytest.mark.parametrize(
    "spoil",
    [
        lambda pad: b"x" * (len(pad) - 1) + pad[-1:],  # as long as it says, but not made of its length
        lambda pad: pad[:-1] + b"\x00",
        lambda pad: pad[:-1] + b"\x21",
        lambda pad: pad[:-1] + b"\xc8",
    ],
)
async def test_wrong_padding_is_refused(
    client: httpx.AsyncClient, account: WeChatSettings, spoil: Callable[[bytes], bytes]
) -> None:
    xml, app_id = to_xml(text_fields()).encode(), account.app_id.encode()
    content = b"r" * 16 + len(xml).to_bytes(4, "big") + xml + app_id
    length = 32 - len(content) % 32
    key = base64.b64decode(account.encoding_aes_key.get_secret_value() + "=")

    async def post_padded(padding: bytes) -> int:
        encrypted = base64.b64encode(WeChatCipher(key).encrypt(content + padding)).decode()
        body, query = _signed_cipher(account, encrypted)
        return (await client.post(PATH, params=query, content=body)).status_code

    assert length > 1
    assert await post_padded(spoil(bytes([length]) * length)) == 403
    assert await post_padded(bytes([length]) * length) == 200


@pytest.mark.parametrize("encrypted", ["", "!!!", "AAAA", "ä", base64.b64encode(b"a" * 64).decode()])
async def test_what_does_not_decrypt_is_refused(
    client: httpx.AsyncClient, account: WeChatSettings, encrypted: str
) -> None:
    body, query = _signed_cipher(account, encrypted)
    assert (await client.post(PATH, params=query, content=body.encode())).status_code == 403


async def test_a_plain_post_in_safe_mode_is_refused(
    client: httpx.AsyncClient, account: WeChatSettings, database: Database
) -> None:
    assert (await post_plain(client, account, to_xml(text_fields()))).status_code == 403
    assert await rows.inbound(database) == []


async def test_plain_mode_takes_plain_posts(
    plain_client: httpx.AsyncClient, account: WeChatSettings, database: Database
) -> None:
    answer = await post_plain(plain_client, account, to_xml(text_fields("a ]]> <!DOCTYPE x> & 中")))
    assert (answer.status_code, answer.text) == (200, "success")
    [message] = await rows.inbound(database)
    assert message.text == "a ]]> <!DOCTYPE x> & 中"


async def test_compatible_mode_takes_both(
    compatible_client: httpx.AsyncClient, account: WeChatSettings, database: Database
) -> None:
    assert (await post_plain(compatible_client, account, to_xml(text_fields()))).status_code == 200
    assert (await post(compatible_client, account, text_fields(MsgId="24002"))).status_code == 200
    assert len(await rows.inbound(database)) == 2


@pytest.mark.parametrize(
    "xml",
    [
        "",
        "hello",
        "<xml>",
        "<html/>",
        "<xml/>",
        "<!DOCTYPE xml>" + to_xml(text_fields()),
        '<!DOCTYPE xml [<!ENTITY a "b">]>' + to_xml(text_fields()).replace("我", "&a;"),
        to_xml(text_fields(MsgId="")),
        to_xml(text_fields(FromUserName="")),
        to_xml(text_fields(CreateTime="yesterday")),
        to_xml(text_fields(MsgId="1" * 200)),
        to_xml(event_fields("")),
    ],
)
async def test_garbage_is_a_bad_request(
    plain_client: httpx.AsyncClient,
    client: httpx.AsyncClient,
    account: WeChatSettings,
    database: Database,
    xml: str,
) -> None:
    assert (await post_plain(plain_client, account, xml)).status_code == 400
    body, query = sealed(account, xml)
    assert (await client.post(PATH, params=query, content=body.encode())).status_code == 400
    assert await rows.inbound(database) == []


async def test_a_huge_body_is_refused(client: httpx.AsyncClient, account: WeChatSettings) -> None:
    answer = await post_plain(client, account, "<xml>" + "a" * 1_100_000 + "</xml>")
    assert answer.status_code == 413


async def test_an_unknown_type_is_recorded_as_unsupported(
    client: httpx.AsyncClient, account: WeChatSettings, database: Database
) -> None:
    assert (await post(client, account, text_fields(MsgType="hologram"))).text == "success"
    [message] = await rows.inbound(database)
    assert (message.type, message.state) == ("unsupported", InboundState.STORED)


async def test_events_are_recorded_once_and_open_an_allowance(
    client: httpx.AsyncClient, account: WeChatSettings, database: Database
) -> None:
    for _ in range(2):
        await post(client, account, event_fields("subscribe", EventKey=""))
        await post(client, account, event_fields("SCAN", EventKey="42", Ticket="t"))
    messages = await rows.inbound(database)
    assert [(message.type, message.payload["Event"]) for message in messages] == [
        ("event", "subscribe"),
        ("event", "SCAN"),
    ]
    assert await rows.allowances(database) == [("follow", 3), ("scan", 3)]
    assert [message.state for message in messages] == [InboundState.STORED, InboundState.NO_REPLY_DUE]


async def test_unfollowing_is_kept(
    client: httpx.AsyncClient, account: WeChatSettings, database: Database
) -> None:
    await post(client, account, event_fields("unsubscribe", EventKey=""))
    [contact] = await rows.contacts(database)
    assert contact.unfollowed_at is not None
    assert await rows.allowances(database) == []


async def test_a_tap_in_the_menu_speaks(
    client: httpx.AsyncClient, account: WeChatSettings, database: Database
) -> None:
    await post(client, account, event_fields("CLICK", EventKey="claims"))
    [message] = await rows.inbound(database)
    assert (message.type, message.text, message.state) == ("text", "我的理赔到哪一步了", InboundState.STORED)
    assert await rows.allowances(database) == [("menu", 3)]


@pytest.mark.parametrize(
    ("status", "state"),
    [("success", OutboundState.DELIVERED), ("failed:user block", OutboundState.FAILED)],
)
async def test_a_templates_result_is_its_status(
    client: httpx.AsyncClient, account: WeChatSettings, database: Database, status: str, state: OutboundState
) -> None:
    message_id = await rows.sent_message(database, "wechat", account.app_id, OPENID, "200163836")
    fields = event_fields("TEMPLATESENDJOBFINISH", MsgID="200163836", Status=status)
    assert (await post(client, account, fields)).text == "success"
    assert (await rows.outbound(database, message_id)).state == state
    assert await rows.inbound(database) == []
