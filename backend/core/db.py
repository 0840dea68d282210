"""One database: engine, sessions and the base of all tables."""

from __future__ import annotations

import math
import select
import time
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Annotated, Any, ClassVar

from fastapi import Depends, Request
from sqlalchemy import JSON, BigInteger, DateTime, MetaData, event
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.exc import InvalidatePoolError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.pool import ConnectionPoolEntry

NAMING = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """Base of all tables: whole numbers have 64 bits, times carry a zone (UTC), dictionaries are JSONB."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        int: BigInteger(),
        datetime: DateTime(timezone=True),
        dict[str, Any]: JSON().with_variant(JSONB(), "postgresql"),
        list[Any]: JSON().with_variant(JSONB(), "postgresql"),
    }


def sqlalchemy_url(dsn: str) -> str:
    """The libpq URL of ANDA_DATABASE_URL as SQLAlchemy's, with the psycopg driver."""
    scheme, separator, rest = dsn.partition("://")
    if not separator or not scheme.startswith("postgres"):
        raise ValueError("ANDA_DATABASE_URL must start with postgresql://")
    return f"postgresql+psycopg://{rest}"


# A connection that was used so short a time ago and has nothing to say is taken to work: a server that ends says so,
# and asking each time costs as much as a statement.
TRUSTED_SECONDS = 60.0


def _check_idle_connections(engine: AsyncEngine) -> None:
    """Before a connection that lay idle is given out, ask whether it still works, as `pool_pre_ping` always does."""
    pool, dialect = engine.sync_engine.pool, engine.sync_engine.dialect

    @event.listens_for(pool, "checkin")
    def note(_connection: Any, record: ConnectionPoolEntry) -> None:
        record.info["used_at"] = time.monotonic()

    @event.listens_for(pool, "checkout")
    def ask(connection: Any, record: ConnectionPoolEntry, _proxy: Any) -> None:
        is_trusted = time.monotonic() - record.info.get("used_at", math.inf) < TRUSTED_SECONDS
        try:
            if not is_trusted or _has_news(connection):
                dialect.do_ping(connection)
        except dialect.loaded_dbapi.Error as error:
            raise InvalidatePoolError("The database was away.") from error


def _has_news(connection: Any) -> bool:
    """Whether its server sent something unasked, such as the end."""
    poll = select.poll()
    poll.register(connection.driver_connection.fileno(), select.POLLIN)
    return bool(poll.poll(0))


class Database:
    """An engine and its sessionmaker; `close()` when the process ends."""

    def __init__(self, dsn: str, pool_size: int = 10) -> None:
        self.engine: AsyncEngine = create_async_engine(
            sqlalchemy_url(dsn),
            pool_size=2 * pool_size,
            max_overflow=0,  # a connection beyond the pool would be opened and closed for each use
            pool_timeout=10,
            pool_use_lifo=True,  # the connection used last has its statements prepared
        )
        _check_idle_connections(self.engine)
        self.session = async_sessionmaker(self.engine, expire_on_commit=False)

    async def close(self) -> None:
        await self.engine.dispose()


async def get_session(request: Request) -> AsyncIterator[AsyncSession]:
    """One request, one transaction."""
    database: Database = request.app.state.database
    async with database.session.begin() as session:
        yield session


# scope="function": the commit happens before the response leaves, so success never precedes a lost write.
SessionDep = Annotated[AsyncSession, Depends(get_session, scope="function")]
