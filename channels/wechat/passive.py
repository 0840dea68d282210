"""Passive mode, for accounts that may not send customer-service messages: the answer to a post is the way out.

The seam: after the commit the request may wait for the outbox here and answer with one text of at most 2,047 bytes.
Until the outbox hands replies over, the post is acknowledged at once.
"""

from __future__ import annotations

from fastapi import Request, Response
from fastapi.responses import PlainTextResponse

from backend.conversations.intake import Receipt


async def answer(request: Request, fields: dict[str, str], receipt: Receipt) -> Response:
    """The answer to a post whose message is stored."""
    return PlainTextResponse("success")
