"""The bot's part of the product's settings, from the environment."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

from bot.versions import Versions

SCHEMA = "rasa"
FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class RedisAddress:
    """A Redis server reached over TCP."""

    host: str
    port: int
    db: int
    username: str | None
    password: str | None
    use_ssl: bool


@dataclass(frozen=True)
class Settings:
    """Where the bot listens, what it calls, and where its model lies."""

    host: str
    port: int
    actions_url: str
    database_url: str | None
    redis: RedisAddress | None
    token: str
    data_dir: Path

    @property
    def versions(self) -> Versions:
        """Return the trained models."""
        return Versions(self.data_dir / "models" / "bot")

    @property
    def model(self) -> Path:
        """Return the file of the model in force; a name that is not there while none was trained."""
        return self.versions.model(self.versions.current or "none")

    @property
    def own_data(self) -> Path:
        """Return the folder of the insurer's own training data."""
        return self.data_dir / "training"


def sqlalchemy_url(libpq_url: str) -> str:
    """Turn a libpq URL (host or socket folder in the query allowed) into one for SQLAlchemy 1.4 and psycopg2.

    A driver named in the scheme (`postgresql+asyncpg`) is dropped.
    """
    parts = urlsplit(libpq_url)
    query = dict(parse_qsl(parts.query))
    if parts.hostname and parts.hostname.startswith("%2F"):
        query["host"] = unquote(parts.hostname)
    user = quote(unquote(parts.username or ""), safe="")
    if parts.password is not None:
        user += ":" + quote(unquote(parts.password), safe="")
    host = "" if "host" in query else parts.netloc.rpartition("@")[2]
    login = f"{user}@" if user else ""
    tail = f"?{urlencode(query)}" if query else ""
    return f"postgresql+psycopg2://{login}{host}{parts.path}{tail}"


def redis_address(url: str) -> RedisAddress | None:
    """Read a Redis URL; None for a Unix socket, which Rasa's lock store cannot use."""
    parts = urlsplit(url)
    if parts.scheme not in ("redis", "rediss") or not parts.hostname:
        return None
    database = parts.path.strip("/")
    return RedisAddress(
        host=parts.hostname,
        port=parts.port or 6379,
        db=int(database) if database.isdigit() else 0,
        username=unquote(parts.username) if parts.username else None,
        password=unquote(parts.password) if parts.password else None,
        use_ssl=parts.scheme == "rediss",
    )


def read_settings() -> Settings:
    """Read the environment. Nothing here is required for training."""
    bot = urlsplit(os.environ.get("ANDA_BOT_URL") or "http://127.0.0.1:5005")
    database = os.environ.get("ANDA_DATABASE_URL")
    return Settings(
        host=bot.hostname or "127.0.0.1",
        port=bot.port or 5005,
        actions_url=(os.environ.get("ANDA_ACTIONS_URL") or "http://127.0.0.1:5055").rstrip("/"),
        database_url=sqlalchemy_url(database) if database else None,
        redis=redis_address(os.environ.get("ANDA_REDIS_URL") or ""),
        token=os.environ.get("ANDA_SERVICE_TOKEN", ""),
        data_dir=Path(os.environ.get("ANDA_DATA_DIR") or "var").resolve(),
    )
