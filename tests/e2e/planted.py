"""Invented numbers to plant, each in one place, and where all that the product keeps is searched for them."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import psycopg
import redis
from stdnum import luhn
from stdnum.cn import ric

from backend.launch.postgres import EmbeddedPostgres
from backend.launch.valkey import EmbeddedValkey
from tests.e2e.conftest import Product

WIDE = str.maketrans("0123456789X", "０１２３４５６７８９Ｘ")
# What was made before the demo started, and is read only.
MADE = ("models", "knowledge")


class Planted:
    """Numbers by the place they were typed in: a leak names where it began."""

    def __init__(self) -> None:
        self.places: dict[str, str] = {}
        self._chance = random.SystemRandom()

    def identity(self, place: str) -> str:
        """An identity number, valid by date and check digit; the administrative area does not exist."""
        born = date(1960, 1, 1) + timedelta(days=self._chance.randrange(15_000))
        number = f"999999{born:%Y%m%d}{self._chance.randrange(1000):03d}"
        return self._keep(place, number + ric.calc_check_digit(number + "0"))

    def card(self, place: str) -> str:
        """A bank card's number, valid by its check digit."""
        number = f"62{self._chance.randrange(10**16):016d}"
        return self._keep(place, number + luhn.calc_check_digit(number))

    def _keep(self, place: str, number: str) -> str:
        assert place not in self.places
        self.places[place] = number
        return number

    def found_in(self, data: bytes) -> list[str]:
        """The places whose number stands in `data`: bare, as it was grouped, full-width, or as UTF-16."""
        return [place for place, number in self.places.items() if _needle(number).search(data)]


def grouped(number: str) -> str:
    return " ".join(number[start : start + 4] for start in range(0, len(number), 4))


def wide(number: str) -> str:
    return number.translate(WIDE)


_needles: dict[str, re.Pattern[bytes]] = {}


def _needle(number: str) -> re.Pattern[bytes]:
    if number not in _needles:
        forms = {number, number.lower(), grouped(number), grouped(number).replace(" ", "-"), wide(number)}
        written = {form.encode(code) for form in forms for code in ("utf-8", "utf-16-le", "gb18030")}
        written |= {form.encode("unicode_escape") for form in forms}
        written |= {grouped(number).replace(" ", mark).encode() for mark in ("+", "%20")}
        _needles[number] = re.compile(b"|".join(re.escape(form) for form in sorted(written)), re.IGNORECASE)
    return _needles[number]


def tables(product: Product) -> Iterator[tuple[str, bytes]]:
    """Every row of every table of every schema of our own, as text; the log is written out first."""
    postgres = EmbeddedPostgres(product.data_folder / "postgres")
    postgres.find()
    with psycopg.connect(postgres.dsn, autocommit=True) as connection:
        names = connection.execute(
            "SELECT format('%I.%I', schemaname, tablename) FROM pg_tables "
            "WHERE schemaname NOT IN ('pg_catalog', 'information_schema') ORDER BY 1"
        ).fetchall()
        assert len({name.split(".")[0] for (name,) in names}) > 1, "the bot's schema, too"
        for (name,) in names:
            rows = connection.execute(f"SELECT t::text FROM {name} t".encode()).fetchall()
            yield f"table {name}", "\n".join(row for (row,) in rows).encode()
        connection.execute("CHECKPOINT")
        connection.execute("SELECT pg_switch_wal()")


def files(product: Product) -> Iterator[tuple[str, bytes]]:
    """Every file that the product wrote: the databases' own, their write-ahead logs, logs, files handed in."""
    postgres = EmbeddedPostgres(product.data_folder / "postgres")
    postgres.find()
    folders = {product.data_folder, postgres.data}
    seen = set()
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            below = path.relative_to(folder).parts
            if path.is_file() and below[0] not in MADE and path not in seen:
                seen.add(path)
                yield f"file {path}", _read(path)
    yield "output of the start", product.output.read_bytes()
    assert any("pg_wal" in path.parts for path in seen)
    assert any("valkey" in path.parts for path in seen)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:  # written anew by its process just now
        return b""


def keys(product: Product) -> Iterator[tuple[str, bytes]]:
    """Every key of the cache with its value."""
    url = EmbeddedValkey(product.data_folder / "valkey").url
    with redis.Redis.from_url(url) as client:
        for key in client.scan_iter(count=1000):
            yield f"key {key!r}", key + repr(_value(client, key)).encode()


def _value(client: Any, key: bytes) -> Any:
    readers = {
        b"string": lambda: client.get(key),
        b"hash": lambda: client.hgetall(key),
        b"list": lambda: client.lrange(key, 0, -1),
        b"set": lambda: client.smembers(key),
        b"zset": lambda: client.zrange(key, 0, -1, withscores=True),
        b"stream": lambda: client.xrange(key),
    }
    kind = client.type(key)
    return readers[kind]() if kind in readers else b""
