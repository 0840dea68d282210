"""The worker process: inbox, outbox, periodic jobs. As many as needed run; leases keep them out of each other's way."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import socket

import redis.asyncio as redis
import uvloop
from sqlalchemy.exc import SQLAlchemyError

from backend import models as _models  # noqa: F401 every table: ours refer to theirs, and retention knows them all
from backend.claims import sweeping
from backend.core import garbage, live
from backend.core.crypto import Vault
from backend.core.db import Database
from backend.core.health import beat
from backend.core.jobs import Job, run_jobs
from backend.core.logs import configure_logs
from backend.core.settings import Settings
from backend.customers import standing
from backend.imports import jobs as import_jobs
from backend.notices import jobs as notice_jobs
from backend.privacy import jobs as privacy_jobs
from backend.review import jobs as review_jobs
from backend.webhooks import jobs as webhook_jobs
from channels.bot_client import BotClient
from channels.fetching import MediaFetching, MediaSource
from channels.inbox import Inbox, Sending
from channels.outbox import Outbox
from channels.ready import Ways
from channels.sending import Sender
from channels.serving import Serving
from channels.sms.client import TwilioClient
from channels.sms.sender import SmsSender
from channels.typing import ShowsTyping, Typing
from channels.web.sender import WebSender
from channels.wechat import jobs as wechat_jobs
from channels.wechat.client import WeChatClient
from channels.wechat.sender import WeChatSender
from handoff import jobs as desk_jobs

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


def make_sources(settings: Settings, client: redis.Redis) -> dict[str, MediaSource]:
    """Where the media of each channel that is configured are fetched; the web's are uploaded to us."""
    sources: dict[str, MediaSource] = {}
    if settings.twilio.is_configured:
        sources["sms"] = TwilioClient(settings.twilio)
    if settings.wechat.is_configured:
        sources["wechat"] = WeChatClient(settings.wechat, client)
    return sources


def typing_channels(settings: Settings, senders: dict[str, Sender]) -> dict[str, ShowsTyping]:
    """The channels that can show that an answer is being written; a passive account may not."""
    shows = {name: sender for name, sender in senders.items() if isinstance(sender, WeChatSender)}
    return {} if settings.wechat.reply_mode == "passive" else dict(shows)


def make_jobs(settings: Settings, database: Database, client: redis.Redis, vault: Vault) -> list[Job]:
    """What is done from time to time, in one worker at a time."""
    return [
        *notice_jobs.make_jobs(settings, database, client),
        *import_jobs.make_jobs(database, settings.data_dir),
        *sweeping.make_jobs(database, settings.data_dir),
        *privacy_jobs.make_jobs(database, vault),
        *desk_jobs.make_jobs(database, client),
        *webhook_jobs.make_jobs(database, vault),
        *review_jobs.make_jobs(database),
        *standing.make_jobs(database, settings.zone),
    ]


async def _beat(database: Database, name: str, stopping: asyncio.Event) -> None:
    while not stopping.is_set():
        try:
            async with database.session.begin() as session:
                await beat(session, name)
        except (SQLAlchemyError, OSError) as error:
            log.warning("beat_failed", extra={"error": type(error).__name__})
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stopping.wait(), 2)


async def _serve(answering: Serving, sends: Serving, stopping: asyncio.Event) -> None:
    """Turns end first and sends after them: an answer that was given just now still leaves."""
    turns_ended = asyncio.Event()
    sending = asyncio.create_task(sends.run(turns_ended))
    try:
        await answering.run(stopping)
    finally:
        turns_ended.set()
        await sending


async def run(settings: Settings) -> None:
    """Serve until SIGTERM or SIGINT, then finish the turns and sends that were begun."""
    database = Database(settings.database_url, pool_size=CONVERSATIONS_AT_ONCE)
    client = live.connect(settings.redis_url)
    vault = Vault(settings.encryption_keys.get_secret_value())
    bot = BotClient(settings.bot_url, settings.service_token.get_secret_value())
    senders = make_senders(settings, client)
    typing = Typing(database, client, typing_channels(settings, senders))
    fetched = frozenset({"wechat"} if settings.wechat.reply_mode == "passive" else ())
    sms_account = settings.twilio.account if settings.twilio.is_configured else None
    ways = Ways(vault, settings.base_url, fetched, sms_account)
    outbox = Outbox(database, client, ways, senders)
    sends = Serving("outbox", database, client, outbox.serve, CONVERSATIONS_AT_ONCE)
    inbox = Inbox(database, client, bot, settings.zone, typing, Sending(sends, ways))
    answering = Serving("inbox", database, client, inbox.serve, CONVERSATIONS_AT_ONCE, inbox.take)
    jobs = [*make_jobs(settings, database, client, vault), *wechat_jobs.make_jobs(database, ways)]
    fetching = MediaFetching(database, client, vault, settings.data_dir, make_sources(settings, client))
    stopping = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    garbage.leave_out_what_is_loaded()
    try:
        await asyncio.gather(
            _serve(answering, sends, stopping),
            fetching.run(stopping),
            typing.run(stopping),
            run_jobs(database, jobs, stopping),
            _beat(database, f"{socket.gethostname()}:{os.getpid()}", stopping),
        )
    finally:
        await bot.close()
        await client.aclose()
        await database.close()


if __name__ == "__main__":
    configure_logs("worker")
    uvloop.run(run(Settings()))
