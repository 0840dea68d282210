"""Every flow in both languages, through the platforms' webhooks and sockets, all customers at the same time."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from zoneinfo import ZoneInfo

import httpx
import pytest

from tests.e2e.conftest import Product
from tests.e2e.dialogues import Dialogue, Player, cast, dialogues

AT_ONCE = 12


@pytest.mark.timeout(600)
def test_every_flow_in_both_languages(product: Product) -> None:
    played = [dialogue for language in ("zh", "en") for dialogue in dialogues(language)]
    cast(played, datetime.now(ZoneInfo("Asia/Shanghai")).date())
    # In a thread of its own: this one has the browser's event loop.
    with ThreadPoolExecutor(1) as thread:
        assert thread.submit(asyncio.run, _play(product, played)).result() == []


async def _play(product: Product, played: list[Dialogue]) -> list[str]:
    places = asyncio.Semaphore(AT_ONCE)
    limits = httpx.Limits(keepalive_expiry=1)  # the server closes an idle connection after five seconds
    async with httpx.AsyncClient(timeout=30, trust_env=False, limits=limits) as http:
        player = Player(product, http)
        await player.until_the_platforms_answer()

        async def one(number: int) -> str | None:
            async with places:
                return await player.play(number, played[number])

        wrong = await asyncio.gather(*(one(number) for number in range(len(played))))
    return [said for said in wrong if said]
