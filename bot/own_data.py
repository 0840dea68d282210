"""The insurer's own training data: what supervisors labelled, below ANDA_DATA_DIR and out of the repository.

Only examples of the intents there are: no rules, no wordings. What is wrong is named with its file and line.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bot.alike import masked, nearest
from bot.measuring import LANGUAGES, read_split
from bot.settings import FOLDER

_NEVER_SAID = {"nlu_fallback", "back", "restart", "session_start"}


@dataclass(frozen=True)
class OwnData:
    """The files, how many examples they hold, and what is wrong with them."""

    files: list[Path] = field(default_factory=list)
    examples: int = 0
    problems: list[str] = field(default_factory=list)


def own_files(folder: Path) -> list[Path]:
    """Return the insurer's files, in a fixed order."""
    return sorted(folder.glob("*.yml"))


def check(folder: Path) -> OwnData:
    """Read every file; a sentence of the fixed split, or nearly one, may not be among them."""
    from rasa.shared.core.domain import Domain

    files = own_files(folder)
    if not files:
        return OwnData()
    domain = Domain.load(str(FOLDER / "domain"))
    intents, entities = set(domain.intents) - _NEVER_SAID, set(domain.entities)
    judged = {masked(text): text for language in LANGUAGES for text, _ in read_split(language)}
    count, problems = 0, []
    for path in files:
        try:
            blocks = list(_blocks(path))
        except ValueError as error:
            problems.append(f"{path.name}{error}")
            continue
        for block in blocks:
            if block.intent not in intents:
                problems.append(f"{path.name}:{block.line}: there is no intent “{block.intent}”")
            for line, example in block.examples:
                count += 1
                problems += [f"{path.name}:{line}: {why}" for why in _wrong(example, entities, judged)]
    return OwnData(files, count, problems)


@dataclass(frozen=True)
class _Block:
    intent: str
    line: int
    examples: list[tuple[int, str]]


def _blocks(path: Path) -> Iterator[_Block]:
    """Read a file's intents. Raises ValueError with `:line: why` when it is no training data."""
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    try:
        content = YAML().load(path.read_text(encoding="utf-8"))
    except YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f":{mark.line + 1}" if mark else ""
        raise ValueError(f"{line}: this is not valid YAML") from error
    except UnicodeDecodeError as error:
        raise ValueError(": this is not UTF-8") from error
    if not isinstance(content, dict) or set(content) - {"version", "nlu"} or "nlu" not in content:
        raise ValueError(":1: a file has `version` and `nlu`, and nothing else")
    for block in content["nlu"] or []:
        yield _block(block)


def _block(block: Any) -> _Block:
    place: Any = getattr(block, "lc", None)
    line = place.line + 1 if place else 1
    if not isinstance(block, dict) or not isinstance(block.get("intent"), str):
        raise ValueError(f":{line}: an entry has `intent` and `examples`")
    text = block.get("examples")
    if not isinstance(text, str):
        raise ValueError(f":{line}: `examples: |` with a line `- …` for each is missing")
    first = place.value("examples")[0] + 2
    said = [(first + number, one.strip()) for number, one in enumerate(text.splitlines()) if one.strip()]
    if unmarked := [number for number, one in said if not one.startswith("- ")]:
        raise ValueError(f":{unmarked[0]}: an example begins with `- `")
    return _Block(block["intent"], line, [(number, one[2:].strip()) for number, one in said])


def _wrong(example: str, entities: set[str], judged: dict[str, str]) -> Iterator[str]:
    from rasa.shared.nlu.training_data.entities_parser import (
        find_entities_in_training_example,
        replace_entities,
    )

    for found in find_entities_in_training_example(example):
        if found["entity"] not in entities:
            yield f"there is no entity “{found['entity']}”"
    if near := nearest(replace_entities(example), judged):
        yield f"this is nearly a sentence that the model is measured by (“{near}”); leave it out"
