"""One way to call our other processes: a deadline, the token, and one retry where it is safe."""

from __future__ import annotations

import asyncio
from functools import lru_cache
from typing import Any

import httpx

from actions.settings import settings

DEADLINE_SECONDS = 5.0


@lru_cache(maxsize=1)
def client() -> httpx.AsyncClient:
    """Return the one client of this process; its connections stay open between calls."""
    return httpx.AsyncClient(timeout=DEADLINE_SECONDS, trust_env=False)


class ServiceUnavailable(Exception):
    """The other process is away, too slow or broken."""


async def call(
    base_url: str,
    method: str,
    path: str,
    *,
    headers: dict[str, str] | None = None,
    params: dict[str, str] | None = None,
    body: dict[str, Any] | None = None,
) -> httpx.Response:
    """Send one request. A GET, and a POST with an idempotency key, is sent again once if no answer came.

    Raises ServiceUnavailable when there is no answer within the deadline, or the answer is a 5xx.
    """
    sent = {"Authorization": f"Bearer {settings().service_token.get_secret_value()}", **(headers or {})}
    is_safe = method == "GET" or "Idempotency-Key" in sent
    for _ in range(2 if is_safe else 1):
        try:
            async with asyncio.timeout(DEADLINE_SECONDS):
                response = await client().request(
                    method, base_url + path, headers=sent, params=params, json=body
                )
        except (TimeoutError, httpx.TimeoutException) as error:
            raise ServiceUnavailable(path) from error
        except httpx.TransportError:
            continue
        if response.status_code >= 500:
            raise ServiceUnavailable(path)
        return response
    raise ServiceUnavailable(path)
