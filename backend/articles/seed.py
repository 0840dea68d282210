"""The articles that come with the product, loaded once: whoever has edited an article keeps it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import yaml
from pydantic import ValidationError
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.articles import service
from backend.articles.content import Content
from backend.articles.models import Article

FOLDER = Path(__file__).parents[2] / "knowledge" / "articles"
LOCK = 0x61727469  # two loads at once take turns


class MalformedSeed(Exception):
    """A file is not an article; the message names it."""


@dataclass(frozen=True)
class Seed:
    """A file `<language>/<topic>.md`."""

    topic: str
    language: str
    content: Content


def read_folder(folder: Path) -> list[Seed]:
    """Every article of a folder. Raises `MalformedSeed`."""
    return [_read(path) for path in sorted(folder.glob("*/*.md"))]


def _read(path: Path) -> Seed:
    parts = path.read_text("utf-8").split("---\n", 2)
    try:
        fields = yaml.safe_load(parts[1])
        topic, language = fields.pop("id"), fields.pop("language")
        if (topic, language) != (path.stem, path.parent.name):
            raise MalformedSeed(f"{path.name}: says it is {topic} in {language}")
        return Seed(topic, language, Content(**fields, text=parts[2]))
    except (IndexError, KeyError, AttributeError, TypeError, yaml.YAMLError, ValidationError) as error:
        raise MalformedSeed(f"{path.name}: {error}") from error


async def load(session: AsyncSession, seeds: list[Seed], today: date, *, publish: bool) -> int:
    """Add the articles whose topic and language are not there, and say how many; what is there is left alone."""
    await session.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
    known = {
        (row.topic, row.language) for row in await session.execute(select(Article.topic, Article.language))
    }
    new = [seed for seed in seeds if (seed.topic, seed.language) not in known]
    for seed in new:
        article = await service.create(session, seed.topic, seed.language, seed.content, None)
        if publish:
            await service.publish(session, article.id, article.version, None, today, None)
    return len(new)
