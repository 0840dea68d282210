"""Where the index gets its articles from: what was pulled from the api last; until then the Markdown seed."""

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from pydantic import ValidationError

from knowledge.article import Article, MalformedArticle, read_article

SEED_FOLDER = Path(__file__).parent / "articles"


class ArticleSource(Protocol):
    """All articles, in a fixed order."""

    def articles(self) -> list[Article]: ...


class MarkdownSource:
    """The files `<language>/<id>.md` below a folder."""

    def __init__(self, folder: Path = SEED_FOLDER) -> None:
        self._folder = folder

    def articles(self) -> list[Article]:
        """Raises MalformedArticle when a file is wrong or lies in the wrong place."""
        found = []
        for path in sorted(self._folder.glob("*/*.md")):
            article = read_article(path)
            if (article.language, article.id) != (path.parent.name, path.stem):
                raise MalformedArticle(f"{path.name}: says it is {article.id} in {article.language}")
            found.append(article)
        return found


@dataclass(frozen=True)
class Pulled:
    """What the api served, and the cursor to ask with next time."""

    cursor: str
    articles: Sequence[Article]


class PulledSource:
    """The articles that were pulled last, kept in a file so that a start needs no api."""

    def __init__(self, file: Path, seed: ArticleSource | None = None) -> None:
        self._file = file
        self._seed = seed or MarkdownSource()
        self._read: tuple[tuple[int, int, int], Pulled] | None = None

    def articles(self) -> list[Article]:
        """In the order of the seed: by language, topic and first day. Raises MalformedArticle."""
        kept = self.read()
        return list(kept.articles) if kept else self._seed.articles()

    def read(self) -> Pulled | None:
        """None before the first pull. Raises MalformedArticle when the file is broken."""
        try:
            stat = self._file.stat()
            state = (stat.st_ino, stat.st_mtime_ns, stat.st_size)
            if self._read is None or self._read[0] != state:  # thousands of articles take a second to read
                content = json.loads(self._file.read_text("utf-8"))
                articles = [Article.model_validate(one) for one in content["articles"]]
                self._read = (state, Pulled(content["cursor"], articles))
            return self._read[1]
        except FileNotFoundError:
            return None
        except (ValueError, KeyError, TypeError, ValidationError) as error:
            raise MalformedArticle(f"{self._file.name}: {error}") from error

    def write(self, pulled: Pulled) -> None:
        """Replaces the file in one step."""
        ordered = sorted(pulled.articles, key=lambda one: (one.language, one.id, one.valid_from))
        content = {"cursor": pulled.cursor, "articles": [one.model_dump(mode="json") for one in ordered]}
        self._file.parent.mkdir(parents=True, exist_ok=True)
        fresh = self._file.with_name(f".{self._file.name}-{os.getpid()}")
        fresh.write_text(json.dumps(content, ensure_ascii=False), "utf-8")
        fresh.replace(self._file)
