"""Our sender against the fake of Twilio."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from pydantic import SecretStr
from twilio.request_validator import RequestValidator

from backend.core import clock
from backend.core.files import TooLarge
from backend.core.settings import Settings
from channels.faults import Fault
from channels.fetching import MediaGone
from channels.sending import OutcomeUnknown, SendLater, SendRejected
from channels.sms.client import TwilioClient
from channels.sms.fake import FakeTwilio
from channels.sms.segments import count_segments
from channels.sms.sender import SmsSender
from tests.channels.accounts import PUBLIC_URL, make_settings
from tests.channels.outgoing import MENU, outgoing

JOHN = "+12125550142"


@pytest.fixture
def settings() -> Settings:
    return make_settings()


@pytest.fixture
def callbacks() -> list[tuple[str, dict[str, str], str]]:
    return []


@pytest.fixture
async def twilio(settings: Settings, callbacks: list[Any]) -> AsyncIterator[FakeTwilio]:
    async def call_back(url: str, form: dict[str, str], signature: str) -> None:
        callbacks.append((url, form, signature))

    fake = FakeTwilio(settings.twilio.account_sid, "twilio-test-token", call_back, step=0)
    yield fake
    await fake.close()


def http_to(fake: FakeTwilio) -> httpx.AsyncClient:
    app = FastAPI()
    app.include_router(fake.router())
    return httpx.AsyncClient(transport=httpx.ASGITransport(app))


def sender_for(settings: Settings, fake: FakeTwilio) -> SmsSender:
    return SmsSender(settings, TwilioClient(settings.twilio, http_to(fake)))


@pytest.fixture
def sender(settings: Settings, twilio: FakeTwilio) -> SmsSender:
    return sender_for(settings, twilio)


async def test_a_message_arrives_with_signed_progress(
    sender: SmsSender, twilio: FakeTwilio, callbacks: list[tuple[str, dict[str, str], str]]
) -> None:
    sent = await sender.send(outgoing(JOHN, "您好"))
    assert sent.segments == 1
    [message] = twilio.messages
    assert (message["sid"], message["to"], message["from"]) == (sent.platform_id, JOHN, "+15550100000")
    await twilio.settled()
    assert [form["MessageStatus"] for _, form, _ in callbacks] == ["sent", "delivered"]
    url, form, signature = callbacks[0]
    assert url == f"{PUBLIC_URL}/channels/sms/status"
    assert RequestValidator("twilio-test-token").validate(url, form, signature)


async def test_choices_are_numbered_and_the_link_stays(sender: SmsSender, twilio: FakeTwilio) -> None:
    link = {"title": "How to claim", "url": "https://chat.anda.example/a/claims"}
    await sender.send(outgoing(JOHN, "word " * 500, choices=MENU, link=link))
    body = twilio.messages[0]["body"]
    assert count_segments(body) == 6
    assert "... https://chat.anda.example/" in body
    assert body.endswith("\n1. My claim\n2. My policies\nHow to claim https://chat.anda.example/a/claims")


async def test_what_an_agent_wrote_goes_in_full(sender: SmsSender, twilio: FakeTwilio) -> None:
    text = " ".join(f"word{number}" for number in range(400))
    part, is_all = 0, False
    while not is_all:
        sent = await sender.send(outgoing(JOHN, text, speaker="agent", part=part))
        part, is_all = part + 1, sent.is_all
    assert " ".join(message["body"] for message in twilio.messages) == text
    assert part == 2


async def test_mainland_china_gets_the_text_alone(sender: SmsSender, twilio: FakeTwilio) -> None:
    link = {"title": "详情", "url": "https://chat.anda.example/a/1"}
    await sender.send(outgoing("+8614000000001", "【安答保险】理赔已到账。" * 60, choices=MENU, link=link))
    body = twilio.messages[0]["body"]
    assert "http" not in body
    assert "My claim" not in body
    assert count_segments(body) <= 8


async def test_a_file_of_an_mms_is_fetched_with_our_credentials(
    settings: Settings, twilio: FakeTwilio
) -> None:
    url = twilio.add_media("SM1", b"picture", "image/jpeg")
    client = TwilioClient(settings.twilio, http_to(twilio))
    assert await client.fetch_media(url) == b"picture"
    assert await client.fetch_media(url.replace("api.twilio.com", "evil.example")) == b"picture"
    with pytest.raises(MediaGone):
        await client.fetch_media(url + "0")
    for fault in (Fault(status=429), Fault(status=500), Fault(status=401)):
        twilio.faults.waiting.append(fault)
        with pytest.raises(SendLater):
            await client.fetch_media(url)
    stranger = TwilioClient(
        settings.twilio.model_copy(update={"auth_token": SecretStr("x")}), http_to(twilio)
    )
    with pytest.raises(SendLater):
        await stranger.fetch_media(url)


async def test_a_file_too_large_is_not_read_to_its_end(settings: Settings, twilio: FakeTwilio) -> None:
    url = twilio.add_media("SM1", b"x" * (11 * 1024 * 1024), "image/jpeg")
    with pytest.raises(TooLarge):
        await TwilioClient(settings.twilio, http_to(twilio)).fetch_media(url)


async def test_a_service_sends_in_place_of_a_number(twilio: FakeTwilio) -> None:
    base = make_settings()
    service = base.twilio.model_copy(update={"messaging_service_sid": "MG1"})
    await sender_for(base.model_copy(update={"twilio": service}), twilio).send(outgoing(JOHN))
    assert (twilio.messages[0]["messaging_service_sid"], twilio.messages[0]["from"]) == ("MG1", None)


@pytest.mark.parametrize(
    ("number", "code"), [("+15005550001", "21211"), ("+15005550009", "21614"), ("12", "21211"), ("", "21604")]
)
async def test_a_number_that_cannot_be_reached_is_final(sender: SmsSender, number: str, code: str) -> None:
    with pytest.raises(SendRejected) as refused:
        await sender.send(outgoing(number))
    assert refused.value.code == code


async def test_who_opted_out_gets_nothing_until_start(sender: SmsSender, twilio: FakeTwilio) -> None:
    assert twilio.phone_sent(JOHN, "Stop") is not None
    with pytest.raises(SendRejected) as refused:
        await sender.send(outgoing(JOHN))
    assert refused.value.code == "21610"
    twilio.phone_sent(JOHN, "START")
    await sender.send(outgoing(JOHN))


async def test_a_service_learns_of_an_opt_out_later(
    twilio: FakeTwilio, callbacks: list[tuple[str, dict[str, str], str]]
) -> None:
    base = make_settings()
    service = base.twilio.model_copy(update={"messaging_service_sid": "MG1"})
    twilio.phone_sent(JOHN, "STOP")
    await sender_for(base.model_copy(update={"twilio": service}), twilio).send(outgoing(JOHN))
    await twilio.settled()
    assert (callbacks[0][1]["MessageStatus"], callbacks[0][1]["ErrorCode"]) == ("failed", "21610")


@pytest.mark.parametrize(("status", "code"), [(429, 20429), (429, 0), (500, 20500), (503, 0), (401, 20003)])
async def test_trouble_of_the_platform_is_tried_again(
    sender: SmsSender, twilio: FakeTwilio, status: int, code: int
) -> None:
    twilio.faults.waiting.append(Fault(status=status, code=code))
    with pytest.raises(SendLater):
        await sender.send(outgoing(JOHN))
    await sender.send(outgoing(JOHN))
    assert len(twilio.messages) == 1


async def test_a_gateways_answer_leaves_it_unknown_and_is_looked_up(
    sender: SmsSender, twilio: FakeTwilio
) -> None:
    twilio.faults.waiting.append(Fault(status=502, takes=True))
    message = outgoing(JOHN, "Your claim is approved.")
    with pytest.raises(OutcomeUnknown):
        await sender.send(message)
    found = await sender.look_up(message)
    assert found is not None
    assert found.platform_id == twilio.messages[0]["sid"]


async def test_a_look_up_takes_neither_another_text_nor_an_earlier_message(sender: SmsSender) -> None:
    await sender.send(outgoing(JOHN, "Hello"))
    assert await sender.look_up(outgoing(JOHN, "Hello again")) is None
    assert await sender.look_up(outgoing("+12125550143", "Hello")) is None
    later = outgoing(JOHN, "Hello", created_at=clock.now() + timedelta(minutes=1))
    assert await sender.look_up(later) is None


async def test_no_answer_is_unknown_and_no_connection_is_not_sent(settings: Settings) -> None:
    def fail(error: Exception) -> SmsSender:
        def handler(request: httpx.Request) -> httpx.Response:
            raise error

        http = httpx.AsyncClient(transport=httpx.MockTransport(handler))
        return SmsSender(settings, TwilioClient(settings.twilio, http))

    with pytest.raises(OutcomeUnknown):
        await fail(httpx.ReadTimeout("")).send(outgoing(JOHN))
    with pytest.raises(SendLater):
        await fail(httpx.ConnectError("")).send(outgoing(JOHN))
    with pytest.raises(OutcomeUnknown):
        await fail(httpx.ReadTimeout("")).look_up(outgoing(JOHN))


async def test_wrong_credentials_are_refused_by_the_fake(twilio: FakeTwilio) -> None:
    app = FastAPI()
    app.include_router(twilio.router())
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://twilio") as http:
        answer = await http.post(
            f"/2010-04-01/Accounts/{twilio.account_sid}/Messages.json", data={"To": JOHN}
        )
    assert answer.status_code == 401
    assert answer.json()["code"] == 20003
