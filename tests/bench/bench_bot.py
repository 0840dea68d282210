"""a turn of the bot, beside a stock Rasa project with the default pipeline on the same data and tracker store

Both servers, one action server and one CRM (a fake) run side by side; short rounds alternate, so that whatever else the
machine does meets both. The stock project is `rasa init`'s configuration with jieba as tokenizer, trained all its
epochs on four fifths of our training data (tests/bot/stock_project.py says why; decision 020 compares on the same).
"""

from __future__ import annotations

import asyncio
import itertools
import time

import httpx
import yaml

from tests.bench.bots import Bot, both_bots
from tests.bench.frame import ROOT, Product, Row, milliseconds, percentile

TEXTS = {
    "without an action": ("谢谢你", "are you a robot?", "你能做什么", "bye"),
    "with a custom action": (
        "我的理赔到哪一步了",
        "where is my claim?",
        "我名下有哪些保单",
        "when is my premium due?",
    ),
}
FASTER = {"without an action": 3.0, "with a custom action": 4.0}
ROUNDS = 3
SINGLE_TURNS = 16
AT_ONCE = 8
SECONDS = 4.0
CONVERSATION = 10  # turns
OUT = {"nlu_fallback", "out_of_scope"}
_senders = itertools.count(1)


def run(product: Product) -> list[Row]:
    """Turns one after the other and eight conversations at once, and the fixed split."""
    with both_bots(product) as (ours, stock):
        return asyncio.run(_rows(ours, stock))


async def _rows(ours: Bot, stock: Bot) -> list[Row]:
    rows: list[Row] = []
    async with httpx.AsyncClient(timeout=60, trust_env=False) as http:
        for bot in (ours, stock):
            await _single(http, bot, sum(TEXTS.values(), ()), 2 * SINGLE_TURNS)
        for kind, texts in TEXTS.items():
            rows += await _turns(http, ours, stock, kind, texts)
        rows += await _accuracy(http, ours, stock)
    return rows


async def _turns(
    http: httpx.AsyncClient, ours: Bot, stock: Bot, kind: str, texts: tuple[str, ...]
) -> list[Row]:
    taken: dict[Bot, list[float]] = {ours: [], stock: []}
    turns = {ours: 0, stock: 0}
    used = {ours: 0.0, stock: 0.0}
    for _ in range(ROUNDS):
        for bot in (ours, stock):
            before = bot.processor_seconds()
            taken[bot] += await _single(http, bot, texts, SINGLE_TURNS)
            turns[bot] += await _at_once(http, bot, texts)
            used[bot] += bot.processor_seconds() - before
    rows = []
    for name, share in (("p50", 0.5), ("p95", 0.95)):
        mine, theirs = percentile(taken[ours], share), percentile(taken[stock], share)
        rows.append(Row(f"{kind}, {name}", milliseconds(mine), milliseconds(theirs), mine / theirs))
    # Whatever else the machine does changes this least.
    mine, theirs = (used[bot] / (turns[bot] + len(taken[bot])) for bot in (ours, stock))
    name = f"{kind}, processor time of the bot's process a turn"
    rows.append(Row(name, milliseconds(mine), milliseconds(theirs), mine / theirs))
    mine, theirs = (turns[bot] / (ROUNDS * SECONDS) for bot in (ours, stock))
    goal = FASTER[kind]
    name = f"{kind}, turns a second, {AT_ONCE} at once"
    met = mine / theirs >= goal
    return [
        *rows,
        Row(name, f"{mine:.1f}", f"{theirs:.1f}", mine / theirs, f"at least {goal:.0f} times", met),
    ]


async def _single(http: httpx.AsyncClient, bot: Bot, texts: tuple[str, ...], count: int) -> list[float]:
    """The seconds of turns one after the other, a new conversation after every ten."""
    taken = []
    for turn in range(count):
        sender = f"{next(_senders)}" if turn % CONVERSATION == 0 else sender  # noqa: F821
        started = time.perf_counter()
        await bot.say(http, sender, turn, texts[turn % len(texts)])
        taken.append(time.perf_counter() - started)
    return taken


async def _at_once(http: httpx.AsyncClient, bot: Bot, texts: tuple[str, ...]) -> int:
    """How many turns several conversations have within `SECONDS`."""
    ends, turns = time.perf_counter() + SECONDS, 0

    async def talk() -> None:
        nonlocal turns
        while time.perf_counter() < ends:
            sender = f"{next(_senders)}"
            for turn in range(CONVERSATION):
                await bot.say(http, sender, turn, texts[turn % len(texts)])
                if time.perf_counter() > ends:
                    return
                turns += 1

    await asyncio.gather(*(talk() for _ in range(AT_ONCE)))
    return turns


def _split() -> list[tuple[str, str]]:
    """The fixed split, both languages, as (text, intent)."""
    read = [
        yaml.safe_load((ROOT / "bot" / "split" / f"{name}.yml").read_text("utf-8")) for name in ("zh", "en")
    ]
    blocks = [block for content in read for block in content["nlu"]]
    return [
        (line.removeprefix("- "), block["intent"])
        for block in blocks
        for line in block["examples"].splitlines()
    ]


async def _accuracy(http: httpx.AsyncClient, ours: Bot, stock: Bot) -> list[Row]:
    right = {ours: 0, stock: 0}
    sentences = _split()
    for bot, (text, intent) in itertools.product(right, sentences):
        found = await bot.intent(http, text)
        right[bot] += found == intent or (intent == "out_of_scope" and found in OUT)
    mine, theirs = (right[bot] / len(sentences) for bot in (ours, stock))
    name = f"accuracy on the fixed split ({len(sentences)} sentences)"
    return [Row(name, f"{mine:.3f}", f"{theirs:.3f}", mine / theirs, "no less", mine >= theirs)]
