"""What an agent attaches reaches the customer's phone: a picture as a picture, a PDF as a link to its page."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
import redis.asyncio as redis
from fastapi import FastAPI
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.conversations import leases
from backend.conversations.models import OutboundMessage
from backend.conversations.outgoing import Attachment
from backend.core import files
from backend.core.crypto import Vault
from backend.core.db import Database
from backend.core.settings import Settings
from backend.tickets import service
from channels.outbox import Outbox
from channels.ready import Ways
from channels.wechat.client import WeChatClient
from channels.wechat.fake import FakeWeChat
from channels.wechat.sender import WeChatSender
from tests.channels.accounts import OPENID
from tests.channels.web.uploading import PDF, a_picture
from tests.factories import make_agent
from tests.tickets.matters import fresh, hand_over


@pytest.fixture
def platform(settings: Settings) -> FakeWeChat:
    fake = FakeWeChat(settings.wechat.app_id, settings.wechat.app_secret.get_secret_value())
    fake.heard_from(OPENID, "message")
    return fake


@pytest.fixture
async def outbox(
    settings: Settings, database: Database, redis_client: redis.Redis, vault: Vault, platform: FakeWeChat,
    tmp_path: Path,
) -> AsyncIterator[Outbox]:  # fmt: skip
    app = FastAPI()
    app.include_router(platform.router())
    http = httpx.AsyncClient(transport=httpx.ASGITransport(app))
    client = WeChatClient(settings.wechat, redis_client, http)
    kept = settings.model_copy(update={"data_dir": tmp_path})
    ways = Ways(vault, settings.base_url)
    yield Outbox(database, redis_client, ways, {"wechat": WeChatSender(kept, redis_client, client)})
    await client.close()


async def test_what_an_agent_attaches_reaches_the_phone(
    outbox: Outbox, platform: FakeWeChat, database: Database, session: AsyncSession, vault: Vault,
    settings: Settings, tmp_path: Path,
) -> None:  # fmt: skip
    account = settings.wechat.app_id
    where = {"channel": "wechat", "sender": OPENID, "account": account}
    ticket = await hand_over(session, vault, **where, allowance=("message", 5, timedelta(hours=48)))
    agent = await make_agent(session)
    async with fresh(session) as own:
        await service.accept_ticket(own, ticket.number, agent.id)
        for name, data in (("样本.jpg", a_picture()), ("分割单.pdf", PDF)):
            attachment = Attachment(files.keep(tmp_path, data), name)
            await service.reply_to_customer(own, ticket.number, agent.id, "", name, attachment)
        await own.commit()
    async with database.session.begin() as own:
        (lease,) = await leases.take(own, "outbox", 10)
    await outbox.serve(lease)
    picture, link = platform.messages
    assert platform.media.files[picture["image"]["media_id"]][1] == "image/jpeg"
    assert link["text"]["content"].startswith(f"分割单.pdf\n{settings.base_url}/f/")
    await session.rollback()
    assert list(await session.scalars(select(OutboundMessage.state))) == ["sent", "sent"]
