"""Where webhooks may go: never into the insurer's own network by an address that an administrator was talked into."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from urllib.parse import urlsplit


async def check_address(url: str, *, is_demo: bool) -> str | None:
    """What is wrong with the address, as a sentence; None when it may be used. The demo may call this machine."""
    parts = urlsplit(url)
    if is_demo:
        return None
    if parts.scheme != "https":
        return "A webhook's address must begin with https://."
    try:
        found = await asyncio.get_running_loop().getaddrinfo(
            parts.hostname, parts.port or 443, type=socket.SOCK_STREAM
        )
    except (OSError, UnicodeError):
        return "This host cannot be found."
    if any(not ipaddress.ip_address(entry[4][0]).is_global for entry in found):
        return "A webhook's address must be reachable from the internet, not inside a private network."
    return None
