"""`python -m channels.simulator`: the platforms' fakes and the page's API, on loopback only."""

from __future__ import annotations

import ipaddress
import logging
import sys
from urllib.parse import urlsplit

import uvicorn

from backend.core.settings import Settings
from channels.simulator.app import create_app


def main() -> None:
    """Serve at ANDA_SIMULATOR_URL; refuses any address but loopback."""
    logging.basicConfig(level=logging.INFO)
    logging.getLogger("httpx").setLevel(logging.WARNING)
    settings = Settings()
    address = urlsplit(settings.simulator_url)
    host = address.hostname or "127.0.0.1"
    if host != "localhost" and not ipaddress.ip_address(host).is_loopback:
        sys.exit("ANDA_SIMULATOR_URL must be a loopback address: the simulator plays any customer's phone.")
    uvicorn.run(
        create_app(settings),
        host=host,
        port=address.port or 8020,
        access_log=False,
        timeout_graceful_shutdown=3,
    )


if __name__ == "__main__":
    main()
