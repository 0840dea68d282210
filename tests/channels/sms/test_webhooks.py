import asyncio
from collections.abc import AsyncIterator
from urllib.parse import urlencode

import httpx
import pytest
from twilio.request_validator import RequestValidator

from backend.conversations.models import InboundState, OutboundState
from backend.core.crypto import Vault
from backend.core.db import Database
from tests.channels import rows
from tests.channels.accounts import PUBLIC_URL

TOKEN = "twilio-test-token"
JOHN = "+12125550142"
FORM_TYPE = "application/x-www-form-urlencoded"


def sign(form: dict[str, str], path: str = "/channels/sms/inbound", base: str = PUBLIC_URL) -> str:
    return str(RequestValidator(TOKEN).compute_signature(f"{base}{path}", form))


def sms(body: str = "Where is my claim?", **fields: str) -> dict[str, str]:
    form = {
        "MessageSid": "SM1",
        "From": JOHN,
        "To": "+15550100000",
        "Body": body,
        "NumMedia": "0",
        "ToCity": "",
    }
    return form | fields


async def post(
    client: httpx.AsyncClient,
    form: dict[str, str],
    path: str = "/channels/sms/inbound",
    signature: str | None = None,
) -> httpx.Response:
    headers = {
        "X-Twilio-Signature": sign(form, path) if signature is None else signature,
        "Content-Type": FORM_TYPE,
    }
    return await client.post(path, content=urlencode(form), headers=headers)


async def test_a_signed_message_is_stored_and_acknowledged(
    client: httpx.AsyncClient, database: Database
) -> None:
    answer = await post(client, sms())
    assert (answer.status_code, answer.text) == (200, "<Response></Response>")
    assert answer.headers["content-type"].startswith("text/xml")
    [message] = await rows.inbound(database)
    assert (message.text, message.type, message.state) == ("Where is my claim?", "text", InboundState.STORED)
    [contact] = await rows.contacts(database)
    assert (contact.channel, contact.account, contact.external_id) == ("sms", "+15550100000", JOHN)


async def test_a_repeated_post_is_one_message(client: httpx.AsyncClient, database: Database) -> None:
    answers = await asyncio.gather(*(post(client, sms()) for _ in range(4)))
    assert {answer.status_code for answer in answers} == {200}
    assert len(await rows.inbound(database)) == 1


async def test_one_id_of_two_senders_is_two_messages(client: httpx.AsyncClient, database: Database) -> None:
    await post(client, sms())
    await post(client, sms(From="+12125550143"))
    assert len(await rows.inbound(database)) == 2


@pytest.mark.parametrize("signature", ["", "wrong", "ä", "0/KCTR6DLpKmkAf8muzZqo1nDgQ="])
async def test_a_forged_signature_is_refused(
    client: httpx.AsyncClient, database: Database, signature: str
) -> None:
    headers = [(b"content-type", FORM_TYPE.encode())]
    if signature:
        headers.append((b"x-twilio-signature", signature.encode()))
    answer = await client.post("/channels/sms/inbound", content=urlencode(sms()), headers=headers)
    assert answer.status_code == 403
    assert await rows.inbound(database) == []


async def test_a_changed_body_is_refused(client: httpx.AsyncClient) -> None:
    answer = await post(client, sms("another text"), signature=sign(sms()))
    assert answer.status_code == 403


async def test_the_query_string_is_signed(client: httpx.AsyncClient) -> None:
    path = "/channels/sms/inbound?account=1&x=%20"
    assert (await post(client, sms(), path)).status_code == 200
    assert (await post(client, sms(), path, sign(sms()))).status_code == 403


async def test_the_port_may_be_signed_or_not(client: httpx.AsyncClient) -> None:
    signature = sign(sms(), base=f"{PUBLIC_URL}:443")
    assert (await post(client, sms(), signature=signature)).status_code == 200


@pytest.mark.parametrize("missing", ["MessageSid", "From", "To"])
async def test_signed_without_ids_is_a_bad_request(
    client: httpx.AsyncClient, database: Database, missing: str
) -> None:
    form = sms()
    del form[missing]
    assert (await post(client, form)).status_code == 400
    assert await rows.inbound(database) == []


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("application/json", b"{}"),
        (FORM_TYPE, b"Body=%ff%fe"),
        ("multipart/form-data", b"--x"),
        ("", b"\xff\xfe"),
    ],
)
async def test_what_is_no_form_is_a_bad_request(
    client: httpx.AsyncClient, content_type: str, body: bytes
) -> None:
    signed = {"Body": "\ufffd\ufffd"} if body.startswith(b"Body") else {}
    headers = {"X-Twilio-Signature": sign(signed), "Content-Type": content_type}
    assert (await client.post("/channels/sms/inbound", content=body, headers=headers)).status_code == 400


async def test_a_huge_body_is_refused_while_it_is_read(client: httpx.AsyncClient) -> None:
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        for _ in range(100):
            sent += 1
            yield b"a" * 65536

    headers = {"X-Twilio-Signature": "x", "Content-Type": FORM_TYPE}
    answer = await client.post("/channels/sms/inbound", content=endless(), headers=headers)
    assert answer.status_code == 413


async def test_a_text_of_100000_characters_is_stored(client: httpx.AsyncClient, database: Database) -> None:
    assert (await post(client, sms("长" * 100_000))).status_code == 200
    [message] = await rows.inbound(database)
    assert len(message.text) == 100_000


async def test_nul_characters_do_no_harm(client: httpx.AsyncClient, database: Database) -> None:
    form = sms("a\0b", NumMedia="1", MediaUrl0="https://media.example/\0", MediaContentType0="image/\0png")
    assert (await post(client, form)).status_code == 200
    assert len(await rows.inbound(database)) == 1


@pytest.mark.parametrize("word", ["STOP", "stop", " Unsubscribe ", "QUIT"])
async def test_an_opt_out_word_opts_out_silently(
    client: httpx.AsyncClient, database: Database, word: str
) -> None:
    await post(client, sms(word))
    [contact] = await rows.contacts(database)
    assert contact.opted_out_at is not None
    [message] = await rows.inbound(database)
    assert message.state == InboundState.NO_REPLY_DUE
    await post(client, sms("start", MessageSid="SM2"))
    [contact] = await rows.contacts(database)
    assert contact.opted_out_at is None


async def test_a_sentence_with_stop_does_not_opt_out(client: httpx.AsyncClient, database: Database) -> None:
    await post(client, sms("stop it, please"))
    [contact] = await rows.contacts(database)
    assert contact.opted_out_at is None


async def test_yes_of_who_never_opted_out_is_an_answer(client: httpx.AsyncClient, database: Database) -> None:
    await post(client, sms("Yes"))
    [message] = await rows.inbound(database)
    assert (message.text, message.state) == ("Yes", InboundState.STORED)


async def test_media_are_noted_and_their_addresses_sealed(
    client: httpx.AsyncClient, database: Database, vault: Vault
) -> None:
    media = {"NumMedia": "2", "MediaUrl0": "https://m.example/0", "MediaContentType0": "image/jpeg"}
    await post(client, sms("", **media, MediaUrl1="https://m.example/1", MediaContentType1="application/pdf"))
    [message] = await rows.inbound(database)
    assert (message.type, message.payload) == ("image", {"to": "+15550100000"})
    noted = await rows.media(database)
    assert [(row.kind, row.content_type, row.state) for row in noted] == [
        ("image", "image/jpeg", "pending"),
        ("file", "application/pdf", "pending"),
    ]
    assert "m.example" not in str(noted[1].platform_ref)
    assert vault.open(str(noted[1].platform_ref), "inbound_media.platform_ref") == "https://m.example/1"


@pytest.mark.parametrize("word", ["HELP", "info", " Help "])
async def test_help_is_answered_by_us_where_the_platform_did_not(
    client: httpx.AsyncClient, database: Database, word: str
) -> None:
    await post(client, sms(word))
    await post(client, sms(word, MessageSid="SM2", OptOutType="HELP"))
    first, second = await rows.inbound(database)
    assert (first.state, first.payload["effect"]) == (InboundState.STORED, "help")
    assert (second.state, second.payload["effect"]) == (InboundState.NO_REPLY_DUE, "help_given")


async def test_stop_and_start_are_on_the_record_of_consents(
    client: httpx.AsyncClient, database: Database
) -> None:
    await post(client, sms("STOP"))
    await post(client, sms("START", MessageSid="SM2"))
    assert await rows.consents(database) == [(False, "STOP"), (True, "START")]


async def test_a_number_of_mainland_china_gets_no_conversation(
    client: httpx.AsyncClient, database: Database
) -> None:
    await post(client, sms("我的理赔到哪了", From="+8614000000001"))
    await post(client, sms("STOP", From="+8614000000001", MessageSid="SM2"))
    question, word = await rows.inbound(database)
    assert (question.state, word.payload["effect"]) == (InboundState.NO_REPLY_DUE, "opt_out")


async def test_an_opt_out_told_later_opts_out_too(client: httpx.AsyncClient, database: Database) -> None:
    await rows.sent_message(database, "sms", "+15550100000", JOHN, "SM9")
    form = {"MessageSid": "SM9", "MessageStatus": "failed", "ErrorCode": "21610"}
    for _ in range(2):
        await post(client, form, "/channels/sms/status")
    [contact] = await rows.contacts(database)
    assert contact.opted_out_at is not None
    assert await rows.consents(database) == [(False, "21610")]


async def test_statuses_never_go_backwards(client: httpx.AsyncClient, database: Database) -> None:
    message_id = await rows.sent_message(database, "sms", "+15550100000", JOHN, "SM9")
    for status in ("queued", "delivered", "sent", "delivered", "undelivered"):
        form = {"MessageSid": "SM9", "MessageStatus": status}
        assert (await post(client, form, "/channels/sms/status")).status_code == 204
    message = await rows.outbound(database, message_id)
    assert message.state == OutboundState.DELIVERED
    assert message.delivered_at is not None


async def test_a_failed_delivery_keeps_its_code(client: httpx.AsyncClient, database: Database) -> None:
    message_id = await rows.sent_message(database, "sms", "+15550100000", JOHN, "SM9")
    form = {"MessageSid": "SM9", "MessageStatus": "failed", "ErrorCode": "21610"}
    await post(client, form, "/channels/sms/status")
    message = await rows.outbound(database, message_id)
    assert (message.state, message.error) == (OutboundState.FAILED, "21610")


async def test_a_forged_status_changes_nothing(client: httpx.AsyncClient, database: Database) -> None:
    message_id = await rows.sent_message(database, "sms", "+15550100000", JOHN, "SM9")
    form = {"MessageSid": "SM9", "MessageStatus": "failed"}
    assert (await post(client, form, "/channels/sms/status", "forged")).status_code == 403
    assert (await rows.outbound(database, message_id)).state == OutboundState.SENT


async def test_an_unknown_status_or_message_is_acknowledged(client: httpx.AsyncClient) -> None:
    for form in (
        {"MessageSid": "SM404", "MessageStatus": "sent"},
        {"MessageSid": "SM9", "MessageStatus": "new"},
    ):
        assert (await post(client, form, "/channels/sms/status")).status_code == 204
    assert (await post(client, {"MessageStatus": "sent"}, "/channels/sms/status")).status_code == 400
