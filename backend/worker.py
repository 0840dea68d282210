"""The worker process: inbox, outbox, periodic jobs. As many as needed run; leases keep them out of each other's way."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import socket

import redis.asyncio as redis
from sqlalchemy.exc import SQLAlchemyError

from backend.core import access as _access  # noqa: F401 its tables are referred to by ours
from backend.core import live
from backend.core.crypto import Vault
from backend.core.db import Database
from backend.core.health import beat
from backend.core.jobs import Job, run_jobs
from backend.core.logs import configure_logs
from backend.core.settings import Settings
from channels.bot_client import BotClient
from channels.inbox import Inbox
from channels.outbox import Outbox
from channels.sending import Sender
from channels.serving import Serving
from channels.sms.sender import SmsSender
from channels.web.sender import WebSender
from channels.wechat.sender import WeChatSender

log = logging.getLogger(__name__)
CONVERSATIONS_AT_ONCE = 16


def make_senders(settings: Settings, client: redis.Redis) -> dict[str, Sender]:
    """The way out of each channel that is configured."""
    senders: dict[str, Sender] = {"web": WebSender(client)}
    if settings.twilio.is_configured:
        senders["sms"] = SmsSender(settings)
    if settings.wechat.is_configured:
        senders["wechat"] = WeChatSender(settings, client)
    return senders


def make_jobs(settings: Settings, database: Database, client: redis.Redis, vault: Vault) -> list[Job]:
    """What is done from time to time, in one worker at a time."""
    return []


async def _beat(database: Database, name: str, stopping: asyncio.Event) -> None:
    while not stopping.is_set():
        try:
            async with database.session.begin() as session:
                await beat(session, name)
        except (SQLAlchemyError, OSError) as error:
            log.warning("beat_failed", extra={"error": type(error).__name__})
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stopping.wait(), 2)


async def run(settings: Settings) -> None:
    """Serve until SIGTERM or SIGINT, then finish the turns and sends that were begun."""
    database = Database(settings.database_url, pool_size=CONVERSATIONS_AT_ONCE)
    client = live.connect(settings.redis_url)
    vault = Vault(settings.encryption_keys.get_secret_value())
    bot = BotClient(settings.bot_url, settings.service_token.get_secret_value())
    inbox = Inbox(database, client, bot, settings.zone)
    fetched = frozenset({"wechat"} if settings.wechat.reply_mode == "passive" else ())
    outbox = Outbox(database, client, vault, make_senders(settings, client), fetched)
    stopping = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    try:
        await asyncio.gather(
            Serving("inbox", database, client, inbox.serve, CONVERSATIONS_AT_ONCE).run(stopping),
            Serving("outbox", database, client, outbox.serve, CONVERSATIONS_AT_ONCE).run(stopping),
            run_jobs(database, make_jobs(settings, database, client, vault), stopping),
            _beat(database, f"{socket.gethostname()}:{os.getpid()}", stopping),
        )
    finally:
        await bot.close()
        await client.aclose()
        await database.close()


if __name__ == "__main__":
    configure_logs("worker")
    asyncio.run(run(Settings()))
