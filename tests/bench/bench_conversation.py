"""the 1,000th turn of a conversation, beside its 10th

The same question again and again, with a custom action, to the shipped bot with its tracker store. Its memory begins
anew (another sender id) as the worker lets it: after so many turns outside a form.
"""

from __future__ import annotations

import asyncio
import time
from statistics import median

import httpx

from backend.core.business import DEFAULTS
from tests.bench.bots import Bot, our_bot
from tests.bench.frame import Product, Row, milliseconds

TEXT = "我的理赔到哪一步了"
TURNS, EARLY, LATE = 1005, range(6, 16), range(996, 1006)
WARM_UP = 20


def run(product: Product) -> list[Row]:
    """One conversation of a thousand turns."""
    with our_bot(product) as bot:
        taken = asyncio.run(_talk(bot))
    early, late = (median(taken[turn] for turn in turns) for turns in (EARLY, LATE))
    limit = int(DEFAULTS["episode"]["turns"])
    longest = median(taken[turn] for turn in taken if turn % limit > limit - 5 or turn % limit == 0)
    name = "around the 1,000th turn, beside the 10th"
    goal = "at most 1.2 times"
    return [
        Row(name, milliseconds(late), milliseconds(early), late / early, goal, late / early <= 1.2),
        Row(
            f"the last five turns before the memory begins anew (after {limit})",
            milliseconds(longest),
            milliseconds(early),
            longest / early,
        ),
    ]


async def _talk(bot: Bot) -> dict[int, float]:
    """The seconds of each turn, by its number."""
    limit, taken = int(DEFAULTS["episode"]["turns"]), {}
    async with httpx.AsyncClient(timeout=60, trust_env=False) as http:
        for turn in range(WARM_UP):
            await bot.say(http, "1:1", turn, TEXT)
        for turn in range(1, TURNS + 1):
            started = time.perf_counter()
            await bot.say(http, f"2:{(turn - 1) // limit + 1}", turn, TEXT)
            taken[turn] = time.perf_counter() - started
    return taken
