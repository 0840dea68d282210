"""Whole conversations with the trained bot, its real actions and the fake CRM: what is heard, response by response.

Skipped while there is no model trained from just these files. `ANDA_WRITE_CONVERSATIONS=1` writes down what is heard
now, to be read before it is kept.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from talking import NOW, Customer, load_agent, neighbours, post, scripts

from bot.sentence_model import SentenceModelMissing
from bot.settings import read_settings
from bot.training import is_current

FOLDER = Path(__file__).with_name("conversations")
IS_WRITING = bool(os.environ.get("ANDA_WRITE_CONVERSATIONS"))


@pytest.fixture(scope="module")
def bench() -> Iterator[tuple[Any, str]]:
    settings = read_settings()
    try:
        if not is_current(settings):
            pytest.skip("the model is not trained, or not from these files")
    except SentenceModelMissing:
        pytest.skip("the sentence model has not been made")
    os.environ.setdefault("ANDA_NOW", NOW)
    with neighbours() as (actions, crm):
        yield load_agent(str(settings.model), actions), crm


async def _heard(agent: Any, crm: str, script: dict[str, Any]) -> list[list[str]]:
    people: dict[str, Customer] = {}
    heard = []
    post(f"{crm}/reset")
    for turn in script["turns"]:
        if "proof" in turn:
            post(f"{crm}/stale")
            continue
        who = turn.get("who", script.get("who", "w1"))
        language = script.get("language", "zh-Hans")
        customer = people.setdefault(who, Customer(agent, crm, who, language, script["name"]))
        heard.append((await customer.says(turn["say"])).responses)
    return heard


@pytest.mark.parametrize(
    ("file", "name"), [(file, script["name"]) for file, read in scripts().items() for script in read]
)
def test_conversation(bench: tuple[Any, str], file: str, name: str) -> None:
    read = scripts()[file]
    script = next(one for one in read if one["name"] == name)
    heard = asyncio.run(_heard(*bench, script))
    turns = [turn for turn in script["turns"] if "say" in turn]
    if IS_WRITING:
        _write(file, read, turns, heard)
    assert heard == [turn.get("hear") for turn in turns]


def _write(file: str, read: Any, turns: list[dict[str, Any]], heard: list[list[str]]) -> None:
    for turn, responses in zip(turns, heard, strict=True):
        turn["hear"] = responses
    text = yaml.safe_dump(read, allow_unicode=True, sort_keys=False, width=140, default_flow_style=None)
    (FOLDER / f"{file}.yml").write_text(text, encoding="utf-8")
