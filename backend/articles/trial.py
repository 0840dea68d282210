"""Trying a question against the index, as the knowledge service sees it."""

from __future__ import annotations

from typing import Any

import httpx

from backend.core.errors import Unavailable
from backend.core.settings import Settings


async def ask(client: httpx.AsyncClient, settings: Settings, question: dict[str, Any]) -> dict[str, Any]:
    """The ten best articles with their scores and the threshold. Raises `Unavailable`."""
    headers = {"Authorization": f"Bearer {settings.service_token.get_secret_value()}"}
    try:
        answer = await client.post(
            f"{settings.knowledge_url.rstrip('/')}/explain", json=question, headers=headers
        )
        answer.raise_for_status()
        found: dict[str, Any] = answer.json()
    except (httpx.HTTPError, ValueError) as error:
        raise Unavailable("The knowledge service does not answer. Try again in a minute.") from error
    return found
