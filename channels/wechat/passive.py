"""Passive mode, for accounts that may not send customer-service messages: the answer to a post is the only way out.

The platform waits 5 s, then posts the same message again, three posts in all. So a request waits 4.5 s for the replies;
the first two posts without any are let run out, and what misses the third goes with the customer's next message.
"""

from __future__ import annotations

import asyncio
import secrets
import time

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
    OutboundMessage,
    OutboundState,
)
from backend.core import clock
from backend.core.settings import WeChatSettings
from channels.dispatch import waiting_to_be_fetched
from channels.sending import Outgoing
from channels.wechat.sender import TEXT_BYTES, fit_bytes, plain_text

WAIT_SECONDS = 4.5
PLATFORM_GONE_AFTER = 5.5
POSTS = 3
LOOK_EVERY = 0.15
SUCCESS = "success"


async def answer(request: Request, fields: dict[str, str], receipt: Receipt) -> Response:
    """The replies to a stored message as one text, the same ones to the same message posted again."""
    state, started = request.app.state, time.monotonic()
    async with state.database.session.begin() as session:
        posts = await _count_post(session, receipt)
    while (waited := time.monotonic() - started) < WAIT_SECONDS:
        async with state.database.session.begin() as session:
            text = await fetch_replies(session, receipt)
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


async def fetch_replies(session: AsyncSession, receipt: Receipt) -> str | None:
    """The text to answer with, marked as sent; empty when there is nothing to say, None while the bot is at work."""
    await session.get_one(Conversation, receipt.conversation_id, with_for_update=True)
    inbound = await session.get_one(InboundMessage, receipt.inbound_id)
    before = await session.scalars(
        select(OutboundMessage)
        .where(
            OutboundMessage.conversation_id == receipt.conversation_id,
            OutboundMessage.platform_id.startswith(f"{_mark(receipt)}:"),
        )
        .order_by(OutboundMessage.id)
    )
    if given := list(before):
        return _merge([message for _, message in await waiting_to_be_fetched(session, rows=given)])[0]
    if inbound.state == InboundState.STORED:
        return None
    waiting = await waiting_to_be_fetched(session, conversation_id=receipt.conversation_id)
    text, count = _merge([message for _, message in waiting])
    for number, (outbound, _) in enumerate(waiting[:count]):
        outbound.state, outbound.sent_at = OutboundState.SENT, clock.now()
        outbound.platform_id = f"{_mark(receipt)}:{number}"
    return text


def _mark(receipt: Receipt) -> str:
    return f"passive:{receipt.inbound_id}"


def _merge(messages: list[Outgoing]) -> tuple[str, int]:
    """As many messages as fit into one text, and how many those are; a single one too long is cut."""
    text, count = "", 0
    for message in messages:
        longer = f"{text}\n\n{rendered(message)}" if count else fit_bytes(rendered(message), TEXT_BYTES)
        if len(longer.encode()) > TEXT_BYTES:
            break
        text, count = longer, count + 1
    return text, count


def rendered(message: Outgoing) -> str:
    """The text with its choices as numbers: a passive answer has no menu."""
    choices = [f"{choice.number or place}. {choice.title}" for place, choice in enumerate(message.choices, 1)]
    return "\n".join([plain_text(message), *choices])


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
