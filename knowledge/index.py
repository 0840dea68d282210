"""The searchable form of all articles: built, saved as a version, loaded; never changed in place."""

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from knowledge.article import Article
from knowledge.encoder import Vectors
from knowledge.lexical import LexicalIndex
from knowledge.model_choice import SentenceModel
from knowledge.passages import Entry, entries_of
from knowledge.words import simplify

FORMAT = 2  # raise it when what is stored changes its meaning
CURRENT, BATCH = "current", 64
Progress = Callable[[int, int], None]


class IndexMissing(Exception):
    """No version of the index has been built."""


@dataclass(frozen=True)
class Index:
    """Articles, their entries, and a vector and a lexical document for each entry, in the same order."""

    version: str
    model: str
    fingerprint: str
    articles: Sequence[Article]
    entries: Sequence[Entry]
    vectors: Vectors
    lexical: LexicalIndex


def version_of(articles: Sequence[Article], model_fingerprint: str) -> str:
    """The name of the index of these articles with this model: the same input, the same name."""
    digest = hashlib.sha256(f"{FORMAT} {model_fingerprint}".encode())
    for article in articles:
        digest.update(article.model_dump_json().encode())
    return digest.hexdigest()[:16]


def build(
    articles: Sequence[Article], model: SentenceModel, known: Index | None, progress: Progress
) -> Index:
    """Builds an index; vectors of texts that `known` holds are taken from it, when the same model made them."""
    entries = entries_of(articles)
    made: dict[str, Vectors] = {}
    if known and known.fingerprint == model.fingerprint:
        made = {entry.searched: known.vectors[i] for i, entry in enumerate(known.entries)}
    new = [entry for entry in entries if entry.searched not in made]
    for kind, done in (("question", 0), ("passage", sum(entry.kind == "question" for entry in new))):
        texts = [entry.searched for entry in new if entry.kind == kind]
        for start in range(0, len(texts), BATCH):
            progress(done + start, len(new))
            some = texts[start : start + BATCH]
            # A question of an article is compared as what it is: a question.
            encoded = model.encode(
                [simplify(text) for text in some], "query" if kind == "question" else "passage"
            )
            made.update(zip(some, encoded, strict=True))
    progress(len(new), len(new))
    return Index(
        version=version_of(articles, model.fingerprint),
        model=model.name,
        fingerprint=model.fingerprint,
        articles=articles,
        entries=entries,
        vectors=np.stack([made[entry.searched] for entry in entries])
        if entries
        else np.zeros((0, 1), np.float32),
        lexical=LexicalIndex.build(entry.searched for entry in entries),
    )


def save(index: Index, folder: Path) -> None:
    """Writes the version beside the others and makes it the current one in one step; older ones go."""
    folder.mkdir(parents=True, exist_ok=True)
    work = Path(tempfile.mkdtemp(dir=folder, prefix=".building-"))
    try:
        np.save(work / "vectors.npy", index.vectors)
        index.lexical.save(work / "bm25")
        content = {
            "version": index.version,
            "model": index.model,
            "fingerprint": index.fingerprint,
            "articles": [article.model_dump(mode="json") for article in index.articles],
            "entries": [asdict(entry) for entry in index.entries],
        }
        (work / "index.json").write_text(json.dumps(content, ensure_ascii=False), "utf-8")
        work.chmod(0o755)
        shutil.rmtree(folder / index.version, ignore_errors=True)
        work.rename(folder / index.version)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    _point_to(folder, index.version)


def _point_to(folder: Path, version: str) -> None:
    previous = current_version(folder)
    pointer = folder / f".{CURRENT}-{os.getpid()}"
    pointer.write_text(version, "utf-8")
    pointer.replace(folder / CURRENT)
    for path in folder.iterdir():
        # The previous version stays: a service that starts just now may still be reading it.
        if path.is_dir() and path.name not in {version, previous} and not path.name.startswith("."):
            shutil.rmtree(path, ignore_errors=True)


def current_version(folder: Path) -> str | None:
    """The name of the current version, None when there is none."""
    try:
        return (folder / CURRENT).read_text("utf-8").strip()
    except FileNotFoundError:
        return None


def load(folder: Path) -> Index:
    """The current version. Raises IndexMissing."""
    version = current_version(folder)
    if version is None or not (folder / version / "index.json").is_file():
        raise IndexMissing(f"no index in {folder}; build it with `python -m knowledge.build_index`")
    content = json.loads((folder / version / "index.json").read_text("utf-8"))
    return Index(
        version=content["version"],
        model=content["model"],
        fingerprint=content["fingerprint"],
        articles=[Article.model_validate(fields) for fields in content["articles"]],
        entries=[Entry(**fields) for fields in content["entries"]],
        vectors=np.load(folder / version / "vectors.npy"),
        lexical=LexicalIndex.load(folder / version / "bm25"),
    )
