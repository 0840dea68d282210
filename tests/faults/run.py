"""A fault run: many customers talk to the whole product while it is killed in every part of it."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import httpx
import psutil
import psycopg
from dotenv import dotenv_values

from tests.e2e.conftest import Product
from tests.faults.holders import bind
from tests.faults.phones import Address, Phone, new_phone
from tests.faults.script import Line, lines
from tests.faults.trouble import Trouble
from tests.faults.verdict import Told, Verdict, judge, unsettled

SETTLE_SECONDS = 300.0
CHANNELS = ("sms", "wechat", "web")


@dataclass(frozen=True)
class Size:
    """How much is said, over how many seconds, and how often every process dies and every point is hit at least.

    `rest` is how many seconds pass on average from one blow's healing to the next blow. Without any, to customers blow
    upon blow is one outage: after two minutes of that a ticket is what they should get.
    """

    conversations: int
    messages: int
    seconds: float
    kills: int
    hits: int
    rest: float


SHORT = Size(conversations=21, messages=5, seconds=60, kills=1, hits=1, rest=0)
WHOLE = Size(conversations=200, messages=10, seconds=1200, kills=5, hits=10, rest=8)


class FaultRun:
    """One run in `product`, which must be running with its fail points in `points`."""

    def __init__(
        self, product: Product, points: Path, size: Size, seed: int, say: Callable[[str], None] = print
    ) -> None:
        self._product, self._size, self._seed, self._say = product, size, seed, say
        self.trouble = Trouble(product, points, seed, size.kills, size.hits, size.rest)
        self._told: list[tuple[Phone, list[Line]]] = []
        self._acknowledged = self._posts = 0
        self.seconds = 0.0
        self._dsn = ""

    async def run(self) -> Verdict:
        """Talk and strike, let everything settle, and judge."""
        started = time.monotonic()
        self._dsn = dsn = psutil.Process(self._product.pid("api")).environ()["ANDA_DATABASE_URL"]
        made_up = dotenv_values(self._product.data_folder / "secrets.env")
        settings = {name: str(value) for name, value in {**made_up, **self._product.environment}.items()}
        async with httpx.AsyncClient(timeout=15, trust_env=False) as http:
            address = Address(self._product.base_url, self._product.simulator_url, settings, http)
            ended = asyncio.Event()
            struck = asyncio.create_task(self.trouble.run(ended))
            telling = asyncio.create_task(self._tell_progress())
            await asyncio.gather(*(self._talk(address, number) for number in range(self._size.conversations)))
            await self._talk_on(address)
            ended.set()
            await struck
            await self._settle(dsn)
            heard = await asyncio.gather(*(phone.received() for phone, _ in self._told))
            told = [
                Told(phone.name, CHANNELS[number % 3], said, received)
                for number, ((phone, said), received) in enumerate(zip(self._told, heard, strict=True))
            ]
            telling.cancel()
            await asyncio.gather(*(phone.close() for phone, _ in self._told))
        self.seconds = time.monotonic() - started
        verdict = judge(dsn, told)
        verdict.counts["posts, duplicates included"] = self._posts
        return verdict

    async def _talk_on(self, address: Address) -> None:
        """While a kill or a hit is still wanting, a few more customers come."""
        number = self._size.conversations
        while not self.trouble.is_enough:
            await asyncio.gather(*(self._talk(address, number + more, at_once=True) for more in range(3)))
            number += 3

    async def _talk(self, address: Address, number: int, at_once: bool = False) -> None:
        rng = random.Random(f"{self._seed}:{number}")
        said = lines(number, self._size.messages, rng)
        phone = new_phone(address, number)
        self._told.append((phone, said))
        gap = self._size.seconds / self._size.messages / 2
        await asyncio.sleep(0 if at_once else rng.uniform(0, self._size.seconds / 2))
        repeated: list[asyncio.Task[bool]] = []
        for place, line in enumerate(said):
            # WeChat's ids are numbers; two senders never share one here.
            message_id = f"{10**15 + self._seed * 10**7 + number * 100 + place}"
            await self._until_acknowledged(phone, message_id, line.text)
            self._acknowledged += 1
            if place == 0:
                await bind(self._dsn, number, message_id)
            if rng.random() < 0.3:
                # The platform posts again what it believes unanswered: now, or after later messages.
                repeated += [
                    asyncio.create_task(self._repeat(phone, message_id, line.text, rng.choice([0, 0, 1, 5])))
                    for _ in range(rng.choice([1, 2]))
                ]
            await asyncio.sleep(rng.choice([0.0, rng.uniform(0, 2 * gap)]))
        await asyncio.gather(*repeated)

    async def _until_acknowledged(self, phone: Phone, message_id: str, text: str) -> None:
        while True:
            self._posts += 1
            if await phone.post(message_id, text):
                return
            await asyncio.sleep(0.5)

    async def _repeat(self, phone: Phone, message_id: str, text: str, after: float) -> bool:
        await asyncio.sleep(after)
        self._posts += 1
        return await phone.post(message_id, text)

    async def _settle(self, dsn: str) -> None:
        deadline = time.monotonic() + SETTLE_SECONDS
        while time.monotonic() < deadline:
            try:
                left = await asyncio.to_thread(unsettled, dsn)
                if left == 0 and await asyncio.to_thread(self._product.is_well):
                    await asyncio.sleep(4)  # the web chat's sweep
                    return
            except psycopg.Error:
                pass
            await asyncio.sleep(1)
        self._say(f"not settled after {SETTLE_SECONDS:.0f} s")

    async def _tell_progress(self) -> None:
        total = self._size.conversations * self._size.messages
        while True:
            await asyncio.sleep(5)
            self._say(
                f"{self._acknowledged}/{total} acknowledged · killed {_counts(self.trouble.killed)}"
                f" · died at {_counts(self.trouble.hit)}"
            )


def _counts(counter: dict[str, int]) -> str:
    return " ".join(f"{name} {count}" for name, count in sorted(counter.items())) or "nobody yet"
