"""Where the index gets its articles from: today the Markdown files of a folder."""

from pathlib import Path
from typing import Protocol

from knowledge.article import Article, MalformedArticle, read_article

SEED_FOLDER = Path(__file__).parent / "articles"


class ArticleSource(Protocol):
    """All articles, in a fixed order. A source over HTTP would fetch what changed since its last call."""

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
