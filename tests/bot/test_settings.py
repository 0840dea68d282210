"""What the launcher derives from the product's settings."""

from __future__ import annotations

import pytest
from sqlalchemy.engine import make_url

from bot.settings import redis_address, sqlalchemy_url


def test_socket_folder_goes_into_the_query() -> None:
    url = make_url(sqlalchemy_url("postgresql://anda@/anda?host=/run/dir"))
    assert (url.username, url.host, url.database, url.query["host"]) == ("anda", None, "anda", "/run/dir")


def test_host_port_and_password_are_kept() -> None:
    url = make_url(sqlalchemy_url("postgresql://u:p%40ss@127.0.0.1:5433/anda"))
    assert (url.username, url.password, url.host, url.port, url.database) == (
        "u",
        "p@ss",
        "127.0.0.1",
        5433,
        "anda",
    )


def test_another_driver_is_replaced() -> None:
    assert sqlalchemy_url("postgresql+asyncpg://u@h/d").startswith("postgresql+psycopg2://u@h/d")


@pytest.mark.parametrize("url", ["unix:///run/redis.sock", "", "redis+unix:///x"])
def test_redis_on_a_socket_is_not_for_rasa(url: str) -> None:
    assert redis_address(url) is None


def test_redis_over_tcp() -> None:
    address = redis_address("redis://:secret@127.0.0.1:6380/2")
    assert address is not None
    assert (address.host, address.port, address.db, address.password) == ("127.0.0.1", 6380, 2, "secret")
