"""Starts the service on the port of ANDA_KNOWLEDGE_URL: `python -m knowledge`."""

from urllib.parse import urlsplit

import uvicorn

from knowledge.app import create_app
from knowledge.settings import ServiceSettings


def main() -> None:
    """Serves until it is stopped."""
    settings = ServiceSettings()
    address = urlsplit(settings.knowledge_url)
    uvicorn.run(
        create_app(settings),
        host=address.hostname or "127.0.0.1",
        port=address.port or 8010,
        access_log=False,
    )


if __name__ == "__main__":
    main()
