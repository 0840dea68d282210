"""The worker's fetching of inbound media: at once, outside any transaction, again until the platform has it no more."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

import redis.asyncio as redis
from sqlalchemy.exc import SQLAlchemyError

from backend.conversations import media
from backend.conversations.media import Fetch
from backend.conversations.models import MediaState
from backend.core import errors, files, live
from backend.core.crypto import Vault
from backend.core.db import Database
from channels.sending import SendLater

log = logging.getLogger(__name__)
POLL = 2.0
AT_ONCE = 8


class MediaGone(Exception):
    """The platform does not have it any more, or never had."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class MediaSource(Protocol):
    """Where a channel's media are fetched."""

    async def fetch_media(self, ref: str) -> bytes:
        """The content; raises `MediaGone`, `SendLater`, or `backend.core.errors.TooLarge` above 10 MB."""


class MediaFetching:
    """Fetches what customers sent, from `sources` by channel, into the data folder."""

    def __init__(
        self,
        database: Database,
        client: redis.Redis,
        vault: Vault,
        data_dir: Path,
        sources: Mapping[str, MediaSource],
    ) -> None:
        self._database, self._client, self._vault = database, client, vault
        self._data_dir, self._sources = data_dir, sources

    async def run(self, stopping: asyncio.Event) -> None:
        """Fetch until told to stop; messages wake it as they wake the inbox."""
        woken = asyncio.Event()
        ears = asyncio.create_task(self._listen(woken))
        stop = asyncio.create_task(stopping.wait())
        while not stopping.is_set():
            woken.clear()
            try:
                found = await self.fetch_due()
            except (SQLAlchemyError, OSError) as error:
                log.warning("media_not_fetched", extra={"error": type(error).__name__})
                found = 0
            if not found:
                wake = asyncio.create_task(woken.wait())
                await asyncio.wait([wake, stop], timeout=POLL, return_when=asyncio.FIRST_COMPLETED)
                wake.cancel()
        for task in (ears, stop):
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

    async def _listen(self, woken: asyncio.Event) -> None:
        async for _ in live.wakeups(self._client, live.INBOX, POLL):
            woken.set()

    async def fetch_due(self) -> int:
        """Fetch what is due now, several at once; how many were tried."""
        async with self._database.session.begin() as session:
            due = await media.take(session, self._vault, AT_ONCE)
        await asyncio.gather(*(self._fetch(one) for one in due))
        return len(due)

    async def _fetch(self, one: Fetch) -> None:
        source = self._sources.get(one.channel)
        begin = self._database.session.begin
        try:
            if source is None or not one.ref:
                raise MediaGone("channel_off")
            data = await source.fetch_media(one.ref)
            stored = await asyncio.to_thread(files.keep, self._data_dir, data)
        except MediaGone as error:
            async with begin() as session:
                await media.refuse(session, one.media_id, MediaState.LOST, error.code)
        except (files.UnsupportedFile, errors.TooLarge) as error:
            async with begin() as session:
                await media.refuse(session, one.media_id, MediaState.REJECTED, error.code)
        except (SendLater, OSError) as error:
            async with begin() as session:
                await media.retry(session, one.media_id, str(error)[:80])
        else:
            async with begin() as session:
                is_kept = await media.store(session, one.media_id, stored)
            if not is_kept:
                await asyncio.to_thread(files.remove, self._data_dir, stored.name)
        await self._tell(one.media_id)

    async def _tell(self, media_id: int) -> None:
        async with self._database.session() as session:
            conversation_id = await media.conversation_of(session, media_id)
        if conversation_id is not None:
            await live.wake(self._client, live.INBOX)
            await live.announce(self._client, "interaction", conversation_id)
