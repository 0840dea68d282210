"""Passive mode, for accounts that may not send customer-service messages: the answer to a post is the only way out.

The platform waits 5 s, then posts the same message again, three posts in all. So a request waits 4.5 s for the replies;
the first two posts without any are let run out. What misses the third goes with the customer's next message, and a
customer who is bound hears of it by SMS.
"""

from __future__ import annotations

import asyncio
import secrets
import time
from datetime import timedelta

from fastapi import Request, Response
from fastapi.responses import PlainTextResponse
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from wechatpy.crypto import WeChatCrypto
from wechatpy.replies import TextReply

from backend.conversations.intake import Receipt
from backend.conversations.models import (
    Conversation,
    InboundMessage,
    InboundState,
    Lane,
    OutboundMessage,
    OutboundState,
)
from backend.core import clock
from backend.core.db import Database
from backend.core.settings import WeChatSettings
from channels.dispatch import waiting_to_be_fetched
from channels.ready import Ways, ready
from channels.ways import tell_that_it_waits
from channels.wechat.rendering import TEXT_BYTES, merged, numbered, split

WAIT_SECONDS = 4.5
PLATFORM_GONE_AFTER = 5.5
POSTS = 3
LOOK_EVERY = 0.15
SUCCESS = "success"
# A reply that nobody fetched for so long missed the post it answers, or is an agent's.
MISSED_AFTER = timedelta(seconds=60)
BATCH = 100


async def answer(request: Request, fields: dict[str, str], receipt: Receipt) -> Response:
    """The replies to a stored message as one text, the same one to the same message posted again."""
    state, started = request.app.state, time.monotonic()
    ways = Ways(state.vault, state.settings.base_url, frozenset({"wechat"}))
    async with state.database.session.begin() as session:
        posts = await _count_post(session, receipt)
    while (waited := time.monotonic() - started) < WAIT_SECONDS:
        async with state.database.session.begin() as session:
            text = await fetch_replies(session, ways, receipt)
        if text is not None:
            return _response(request, fields, text) if text else PlainTextResponse(SUCCESS)
        await asyncio.sleep(min(LOOK_EVERY, WAIT_SECONDS - waited))
    if posts < POSTS:  # any answer now would be the last; silence brings the next post
        await asyncio.sleep(PLATFORM_GONE_AFTER - WAIT_SECONDS)
    return PlainTextResponse(SUCCESS)


async def _count_post(session: AsyncSession, receipt: Receipt) -> int:
    inbound = await session.get_one(InboundMessage, receipt.inbound_id, with_for_update=True)
    posts = int(inbound.payload.get("posts", 0)) + 1
    inbound.payload = inbound.payload | {"posts": posts}
    return posts


async def fetch_replies(session: AsyncSession, ways: Ways, receipt: Receipt) -> str | None:
    """The text to answer with, marked as sent; empty when there is nothing to say, None while the bot is at work."""
    await session.get_one(Conversation, receipt.conversation_id, with_for_update=True)
    inbound = await session.get_one(InboundMessage, receipt.inbound_id, with_for_update=True)
    if "passive_answer" in inbound.payload:
        return str(inbound.payload["passive_answer"])
    if inbound.state == InboundState.STORED:
        return None
    text = await _take(session, ways, receipt)
    if text:
        inbound.payload = inbound.payload | {"passive_answer": text}
    return text


async def _take(session: AsyncSession, ways: Ways, receipt: Receipt) -> str:
    """As much of what waits as fits into one text, in order; a longer reply goes on with the next message."""
    rows = await waiting_to_be_fetched(session, receipt.conversation_id, "wechat")
    messages = [await ready(session, ways, row) for row in rows]
    whole = merged(messages) if messages and not rows[0].parts_sent else ""
    is_whole = bool(whole) and len(whole.encode()) <= TEXT_BYTES
    text = whole if is_whole else ""
    for number, (row, message) in enumerate(zip(rows, messages, strict=True)):
        pieces = split(numbered(message))
        given = len(pieces)
        if not is_whole:
            given = row.parts_sent
            while given < len(pieces):
                longer = f"{text}\n\n{pieces[given]}" if text else pieces[given]
                if len(longer.encode()) > TEXT_BYTES:
                    break
                text, given = longer, given + 1
        row.parts_sent, row.sent_at = given, clock.now()
        if given < len(pieces):
            row.sent_at = None
            break
        row.state, row.platform_id = OutboundState.SENT, f"passive:{receipt.inbound_id}:{number}"
    return text


async def tell_of_missed(database: Database, ways: Ways) -> int:
    """Tell customers, by template or SMS, of replies that nobody fetched; how many there were.

    The replies stay where they are, and go with the next message.
    """
    missed = (
        select(OutboundMessage.id)
        .where(
            OutboundMessage.channel == "wechat",
            OutboundMessage.lane == Lane.REPLY,
            OutboundMessage.state == OutboundState.QUEUED,
            OutboundMessage.first_tried_at.is_(None),
            OutboundMessage.created_at < clock.now() - MISSED_AFTER,
        )
        .order_by(OutboundMessage.id)
        .limit(BATCH)
    )
    async with database.session() as session:
        found = list(await session.scalars(missed))
    for outbound_id in found:
        async with database.session.begin() as session:
            await _tell_of(session, ways, outbound_id)
    return len(found)


async def _tell_of(session: AsyncSession, ways: Ways, outbound_id: int) -> None:
    conversation = await session.scalar(
        select(Conversation)
        .join(OutboundMessage, OutboundMessage.conversation_id == Conversation.id)
        .where(OutboundMessage.id == outbound_id)
        .with_for_update(of=Conversation)
    )
    outbound = await session.get_one(OutboundMessage, outbound_id, with_for_update=True)
    if conversation is None or outbound.state != OutboundState.QUEUED:
        return
    outbound.first_tried_at, outbound.error = clock.machine_now(), "missed"  # told of once
    await tell_that_it_waits(session, ways, conversation, outbound)


def _response(request: Request, fields: dict[str, str], text: str) -> Response:
    settings: WeChatSettings = request.app.state.settings.wechat
    content = text.replace("]]>", "]]]]><![CDATA[>")  # the library writes the text into one CDATA section
    reply = TextReply(content=content, source=fields["ToUserName"], target=fields["FromUserName"])
    xml = str(reply.render())
    if request.query_params.get("encrypt_type", "").lower() == "aes":
        secret, key = settings.token.get_secret_value(), settings.encoding_aes_key.get_secret_value()
        crypto = WeChatCrypto(secret, key, settings.app_id)
        xml = str(crypto.encrypt_message(xml, secrets.token_hex(8), str(int(time.time()))))
    return Response(xml, media_type="application/xml")
