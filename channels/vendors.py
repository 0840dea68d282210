"""HTTP to the platforms: the machine's proxy is used for them, but never for a fake on this machine."""

from __future__ import annotations

import httpx

TIMEOUT = httpx.Timeout(10, connect=5)
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


def http_client(api_url: str) -> httpx.AsyncClient:
    """A client for the platform, or the fake, at `api_url`."""
    return httpx.AsyncClient(timeout=TIMEOUT, trust_env=httpx.URL(api_url).host not in LOOPBACK)
