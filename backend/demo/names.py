"""Invented names: Chinese ones with their pinyin, and English ones."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from random import Random

import yaml
from pydantic import BaseModel

from backend.customers.models import Gender


class Names(BaseModel):
    """names.yml: Chinese characters and their pinyin, English words, places."""

    surnames: dict[str, str]
    female: dict[str, str]
    male: dict[str, str]
    english_female: list[str]
    english_male: list[str]
    english_surnames: list[str]
    regions: list[tuple[str, str]]
    overseas: list[tuple[str, str]]


@cache
def names() -> Names:
    return Names.model_validate(
        yaml.safe_load(Path(__file__).with_suffix(".yml").read_text(encoding="utf-8"))
    )


def chinese_name(rng: Random, gender: Gender, surname: str | None = None) -> tuple[str, str]:
    """A name and its pinyin: 王静, Wang Jing."""
    surname = surname or rng.choice(list(names().surnames))
    given = names().female if gender == Gender.FEMALE else names().male
    chosen = rng.choice(list(given))
    return surname + chosen, f"{names().surnames[surname]} {given[chosen]}"


def english_name(rng: Random, gender: Gender, surname: str | None = None) -> str:
    given = names().english_female if gender == Gender.FEMALE else names().english_male
    return f"{rng.choice(given)} {surname or rng.choice(names().english_surnames)}"
