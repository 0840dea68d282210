"""Files that customers hand in on the page: stored and noted as a message in one go; shown to the same person again."""

from __future__ import annotations

import asyncio
import uuid
from pathlib import Path
from typing import Any

from pydantic import BaseModel
from sqlalchemy import select
from starlette.datastructures import FormData, UploadFile

from backend.conversations import media
from backend.conversations.intake import IncomingMessage, receive
from backend.conversations.media import IncomingMedia
from backend.conversations.models import Conversation, InboundMedia, Mode, OutboundFile
from backend.core import failpoints, files, live
from backend.core.errors import Invalid, NotFound, TooManyRequests, Unauthenticated
from backend.core.files import StoredFile
from channels.pace import pace_of
from channels.web import ACCOUNT, CHANNEL, history
from channels.web.limits import Limits, TooMany
from channels.web.payloads import is_message_id, known_language
from channels.web.sender import notify
from channels.web.tokens import Tokens

AT_ONCE = 2  # pictures are decoded and written anew: that is work
EXAMPLE: dict[str, Any] = {
    "message_id": "0f6e2c1c",
    "media_id": 42,
    "name": "invoice.jpg",
    "content_type": "image/jpeg",
    "size": 81723,
    "seq": 7,
}


class Upload(BaseModel):
    """A file that is stored; `seq` is its message's place in the conversation."""

    model_config = {"json_schema_extra": {"examples": [EXAMPLE]}}
    message_id: str
    media_id: int
    name: str
    content_type: str
    size: int
    seq: int


class Uploads:
    """Takes and shows files; `state` has settings, database, redis and vault."""

    def __init__(self, state: Any, tokens: Tokens, limits: Limits) -> None:
        self._state, self._tokens, self._limits = state, tokens, limits
        self._turns = asyncio.Semaphore(AT_ONCE)

    def sender_of(self, token: object) -> str:
        """Whose session it is; raises `Unauthenticated`."""
        sender = self._tokens.sender_of(token)
        if sender is None:
            raise Unauthenticated("This chat session is not known or has ended. Please reload the page.")
        return sender

    async def take(self, sender: str, form: FormData) -> tuple[Upload, bool]:
        """Store the form's file as a message of this contact, once per `message_id`; and whether it is new."""
        file = next((part for part in form.values() if isinstance(part, UploadFile)), None)
        if file is None:
            raise Invalid("The form has no file.")
        message_id = form.get("message_id") or uuid.uuid4().hex
        if not is_message_id(message_id):
            raise Invalid("message_id must be 1 to 100 printable ASCII characters.")
        if known := await self._known(sender, str(message_id)):
            return known, False
        await self._count(sender)
        async with pace_of(self._state).admitted(), self._turns:
            stored = await asyncio.to_thread(files.keep, self._state.settings.data_dir, await file.read())
        name, language = (file.filename or "")[:200], known_language(form.get("language"))
        return await self._note(sender, str(message_id), name, language, stored)

    async def _count(self, sender: str) -> None:
        try:
            await self._limits.count_upload(sender)
        except TooMany as wait:
            raise TooManyRequests(
                f"Too many files at once. Please try again in {wait.retry_after} seconds.",
                retry_after=wait.retry_after,
            ) from wait

    async def _note(
        self, sender: str, message_id: str, name: str, language: str | None, stored: StoredFile
    ) -> tuple[Upload, bool]:
        kind = "image" if stored.content_type.startswith("image/") else "file"
        message = IncomingMessage(
            channel=CHANNEL, account=ACCOUNT, sender=sender, external_id=message_id, type=kind, language=language,
            media=(IncomingMedia(kind=kind, name=name, content_type=stored.content_type, stored=stored),),
        )  # fmt: skip
        is_noted = False
        async with self._state.database.session.begin() as session:
            try:
                receipt = await receive(session, self._state.vault, message)
                row = _first(await media.of_message(session, receipt.inbound_id))
                mode = await session.scalar(
                    select(Conversation.mode).where(Conversation.id == receipt.conversation_id)
                )
                is_noted = receipt.is_new
            finally:  # before the commit: what may have been committed is never removed
                if not is_noted:
                    await asyncio.to_thread(files.remove, self._state.settings.data_dir, stored.name)
        if receipt.is_new:
            failpoints.reached("after_store")
            await live.wake(self._state.redis, live.INBOX)
            await notify(self._state.redis, sender, "heard", is_bot=mode == Mode.BOT)
        return _upload(message_id, receipt.seq, row), receipt.is_new

    async def _known(self, sender: str, message_id: str) -> Upload | None:
        async with self._state.database.session() as session:
            inbound = await history.message_of(session, sender, message_id)
            if inbound is None:
                return None
            return _upload(message_id, inbound.seq, _first(await media.of_message(session, inbound.id)))

    async def find(self, sender: str, media_id: int) -> tuple[InboundMedia, Path]:
        """A file that the person of this session handed in; raises `NotFound` for every other one."""
        async with self._state.database.session() as session:
            row = await history.file_of(session, sender, media_id)
        if row is None:
            raise NotFound("There is no such file.")
        return row, files.path_of(self._state.settings.data_dir, row.stored_name or "")

    async def find_sent(self, sender: str, outbound_id: int) -> tuple[OutboundFile, Path]:
        """A file that was sent to the person of this session; raises `NotFound` for every other one."""
        async with self._state.database.session() as session:
            row = await history.sent_file_of(session, sender, outbound_id)
        if row is None:
            raise NotFound("There is no such file.")
        return row, files.path_of(self._state.settings.data_dir, row.stored_name)


def _first(rows: list[InboundMedia]) -> InboundMedia:
    if not rows:
        raise Invalid("message_id names another message of this session.")
    return rows[0]


def _upload(message_id: str, seq: int, row: InboundMedia) -> Upload:
    return Upload(
        message_id=message_id, media_id=row.id, name=row.file_name or "",
        content_type=row.content_type or "", size=row.size or 0, seq=seq,
    )  # fmt: skip
