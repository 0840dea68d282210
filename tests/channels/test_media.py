"""What customers send beside words is fetched, kept and handed in before the bot is asked; nothing waits for ever."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
import redis.asyncio as redis
from fastapi import FastAPI
from PIL import Image
from sqlalchemy import select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from backend.conversations.media import IncomingMedia
from backend.conversations.models import Conversation, InboundMedia, InboundMessage, Interaction
from backend.core import files, live
from backend.core.crypto import Vault
from backend.core.db import Database
from backend.core.settings import Settings
from channels.faults import Fault
from channels.fetching import MediaFetching
from channels.inbox import Inbox
from channels.sms.client import TwilioClient
from channels.sms.fake import FakeTwilio
from channels.wechat.client import WeChatClient
from channels.wechat.fake import FakeWeChat
from tests.channels.accounts import OPENID, make_settings
from tests.channels.answering import FakeBot, outbound, serve_all
from tests.factories import customer_says


def picture(kind: str = "JPEG") -> bytes:
    written = io.BytesIO()
    Image.new("RGB", (8, 8), "#0f5f5c").save(written, kind)
    return written.getvalue()


class Platforms:
    """Both fakes, and the worker's fetching from them into a folder."""

    def __init__(self, database: Database, client: redis.Redis, vault: Vault, data_dir: Path) -> None:
        settings = make_settings()
        self.wechat = FakeWeChat(settings.wechat.app_id, settings.wechat.app_secret.get_secret_value())
        self.twilio = FakeTwilio(settings.twilio.account_sid, "twilio-test-token", lambda *_: None)  # type: ignore[arg-type, return-value]
        app = FastAPI()
        app.include_router(self.wechat.router())
        app.include_router(self.twilio.router())
        http = httpx.AsyncClient(transport=httpx.ASGITransport(app))
        sources = {
            "wechat": WeChatClient(settings.wechat, client, http),
            "sms": TwilioClient(settings.twilio, http),
        }
        self.fetching = MediaFetching(database, client, vault, data_dir, sources)


@pytest.fixture
async def client(settings: Settings) -> AsyncIterator[redis.Redis]:
    client = live.connect(settings.redis_url)
    await client.flushdb()
    yield client
    await client.aclose()


@pytest.fixture
def platforms(database: Database, client: redis.Redis, vault: Vault, tmp_path: Path) -> Platforms:
    return Platforms(database, client, vault, tmp_path)


@pytest.fixture
def bot() -> FakeBot:
    return FakeBot()


@pytest.fixture
def inbox(database: Database, settings: Settings, client: redis.Redis, bot: FakeBot) -> Inbox:
    return Inbox(database, client, bot, settings.zone)  # type: ignore[arg-type]


async def send_picture(session: AsyncSession, vault: Vault, *media: IncomingMedia, said: str = "") -> int:
    """A WeChat message with these files; gives its id."""
    where = {"channel": "wechat", "sender": OPENID, "type": media[0].kind}
    return (await customer_says(session, vault, said, **where, media=media)).inbound_id


async def states(session: AsyncSession) -> list[tuple[str, str | None]]:
    await session.rollback()
    found = await session.scalars(select(InboundMedia).order_by(InboundMedia.id))
    return [(row.state, row.reason) for row in found]


async def test_a_picture_is_kept_and_the_bot_is_told_of_it(
    platforms: Platforms, inbox: Inbox, bot: FakeBot, database: Database,
    session: AsyncSession, vault: Vault, tmp_path: Path,
) -> None:  # fmt: skip
    media_id = platforms.wechat.media.add(picture(), "image/jpeg")
    await send_picture(session, vault, IncomingMedia("image", media_id))
    await serve_all(inbox, database)
    assert bot.asked == []  # it waits for the file
    assert await platforms.fetching.fetch_due() == 1
    await serve_all(inbox, database)
    row = (await session.scalars(select(InboundMedia))).one()
    assert (row.state, row.content_type, row.platform_ref) == ("stored", "image/jpeg", None)
    assert files.path_of(tmp_path, str(row.stored_name)).read_bytes().startswith(b"\xff\xd8")
    assert [question.command for question in bot.asked] == [f'/upload_documents{{"document_id": "{row.id}"}}']
    entry = (await session.scalars(select(Interaction).where(Interaction.direction == "inbound"))).one()
    [shown] = entry.details["media"]
    assert (shown["media_id"], shown["state"], shown["name"]) == (row.id, "stored", row.stored_name)


async def test_a_file_of_an_mms_is_fetched_from_twilio(
    platforms: Platforms, session: AsyncSession, vault: Vault
) -> None:
    url = platforms.twilio.add_media("SM1", picture("PNG"), "image/png")
    await customer_says(session, vault, "", type="image", media=(IncomingMedia("image", url, "image/png"),))
    await platforms.fetching.fetch_due()
    assert await states(session) == [("stored", None)]


async def test_a_platform_in_trouble_is_asked_again(
    platforms: Platforms, session: AsyncSession, vault: Vault
) -> None:
    media_id = platforms.wechat.media.add(picture(), "image/jpeg")
    await send_picture(session, vault, IncomingMedia("image", media_id))
    for fault in (Fault(status=500), Fault(status=429), Fault(status=200, code=-1)):
        platforms.wechat.faults.waiting.append(fault.model_copy(update={"path": "media/get"}))
        await platforms.fetching.fetch_due()
        assert (await states(session))[0][0] == "pending"
        assert await platforms.fetching.fetch_due() == 0  # not at once
        await session.execute(update(InboundMedia).values(due_at=text("now()")))
        await session.commit()
    await platforms.fetching.fetch_due()
    assert await states(session) == [("stored", None)]


async def test_the_bot_waits_for_a_file_only_so_long_and_it_is_attached_later(
    platforms: Platforms, inbox: Inbox, bot: FakeBot, database: Database, session: AsyncSession, vault: Vault
) -> None:
    media_id = platforms.wechat.media.add(picture(), "image/jpeg")
    await send_picture(session, vault, IncomingMedia("image", media_id))
    await serve_all(inbox, database)
    due = await session.scalar(select(Conversation.inbox_due_at - text("now()")))
    assert timedelta() < due <= timedelta(seconds=8)
    await session.execute(update(InboundMessage).values(created_at=text("now() - interval '9 seconds'")))
    await session.execute(update(Conversation).values(inbox_due_at=text("now()")))
    await session.commit()
    await serve_all(inbox, database)
    assert [str(question.command)[:17] for question in bot.asked] == ["/upload_documents"]
    await platforms.fetching.fetch_due()
    assert await states(session) == [("stored", None)]


async def test_a_later_message_waits_behind_the_file(
    platforms: Platforms, inbox: Inbox, bot: FakeBot, database: Database, session: AsyncSession, vault: Vault
) -> None:
    media_id = platforms.wechat.media.add(picture(), "image/jpeg")
    await send_picture(session, vault, IncomingMedia("image", media_id))
    await customer_says(session, vault, "收到了吗", channel="wechat", sender=OPENID)
    await serve_all(inbox, database)
    await platforms.fetching.fetch_due()
    await serve_all(inbox, database)
    assert [bool(question.command) for question in bot.asked] == [True, False]


@pytest.mark.parametrize(
    ("content", "state", "beginning"),
    [
        (b"GIF89a no picture of ours", "rejected", "抱歉，这个文件我收不了"),
        (None, "lost", "抱歉，这个文件没有传过来"),
    ],
)
async def test_what_cannot_be_kept_is_said(
    platforms: Platforms, inbox: Inbox, bot: FakeBot, database: Database,
    session: AsyncSession, vault: Vault, content: bytes | None, state: str, beginning: str,
) -> None:  # fmt: skip
    media_id = platforms.wechat.media.add(content, "image/gif") if content else "gone"
    await send_picture(session, vault, IncomingMedia("image", media_id))
    await platforms.fetching.fetch_due()
    await serve_all(inbox, database)
    assert (await states(session))[0][0] == state
    [said] = await outbound(session)
    assert said.text.startswith(beginning)
    assert bot.asked == []


async def test_a_video_and_a_voice_are_not_fetched(
    platforms: Platforms, inbox: Inbox, bot: FakeBot, database: Database, session: AsyncSession, vault: Vault
) -> None:
    await send_picture(session, vault, IncomingMedia("video", "v"))
    await send_picture(session, vault, IncomingMedia("voice", "a"), said="查一下我的保单")
    assert await platforms.fetching.fetch_due() == 0
    await serve_all(inbox, database)
    assert await states(session) == [("rejected", "not_a_document")] * 2
    assert (await outbound(session))[0].text.startswith("抱歉，这个文件我收不了")
    assert [question.text for question in bot.asked] == ["查一下我的保单"]


async def test_a_file_that_is_here_already_needs_no_fetching_and_its_name_hides_numbers(
    platforms: Platforms, inbox: Inbox, bot: FakeBot, database: Database,
    session: AsyncSession, vault: Vault, tmp_path: Path,
) -> None:  # fmt: skip
    stored = files.keep(tmp_path, picture())
    media = IncomingMedia("image", name="发票 6222021234567890128.jpg", stored=stored)
    receipt = await customer_says(session, vault, "", channel="web", type="image", media=(media,))
    await serve_all(inbox, database)
    row = (await session.scalars(select(InboundMedia))).one()
    assert receipt.media_ids == (row.id,)
    assert (row.state, row.stored_name) == ("stored", stored.name)
    assert "6222" not in str(row.file_name)
    assert len(bot.asked) == 1


async def test_two_workers_fetch_a_file_once(
    platforms: Platforms, database: Database, client: redis.Redis, session: AsyncSession,
    vault: Vault, tmp_path: Path,
) -> None:  # fmt: skip
    media_id = platforms.wechat.media.add(picture(), "image/jpeg")
    await send_picture(session, vault, IncomingMedia("image", media_id))
    other = MediaFetching(database, client, vault, tmp_path, {})
    assert (await platforms.fetching.fetch_due(), await other.fetch_due()) == (1, 0)
    assert len([path for path in (tmp_path / "files").rglob("*") if path.is_file()]) == 1


async def test_in_human_mode_the_agent_sees_it_at_once(
    platforms: Platforms, inbox: Inbox, database: Database, session: AsyncSession, vault: Vault
) -> None:
    await customer_says(session, vault, "你好", channel="wechat", sender=OPENID)
    await serve_all(inbox, database)
    await session.execute(update(Conversation).values(mode="human"))
    await session.commit()
    media_id = platforms.wechat.media.add(picture(), "image/jpeg")
    inbound_id = await send_picture(session, vault, IncomingMedia("image", media_id))
    await serve_all(inbox, database)
    message = await session.get_one(InboundMessage, inbound_id, populate_existing=True)
    assert message.state == "to_agent"
    await platforms.fetching.fetch_due()
    assert await states(session) == [("stored", None)]
