"""One way to call our other processes: a deadline, the token, and one retry where it is safe."""

from __future__ import annotations

from typing import Any

import httpx

from actions.settings import settings

DEADLINE_SECONDS = 5.0


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
    transport = httpx.AsyncHTTPTransport(retries=0)
    async with httpx.AsyncClient(base_url=base_url, timeout=DEADLINE_SECONDS, transport=transport, trust_env=False) as client:
        for attempt in range(2 if is_safe else 1):
            try:
                response = await client.request(method, path, headers=sent, params=params, json=body)
                break
            except httpx.TimeoutException as error:
                raise ServiceUnavailable(path) from error
            except httpx.TransportError as error:
                if attempt or not is_safe:
                    raise ServiceUnavailable(path) from error
    if response.status_code >= 500:
        raise ServiceUnavailable(path)
    return response
