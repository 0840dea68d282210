"""A small set of articles and a sentence model of a few lines, so that no test needs the real one."""

import hashlib
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from knowledge.article import Article
from knowledge.encoder import Kind, Vectors
from knowledge.words import words

DIMENSION = 256


class WordModel:
    """Texts that share words get near vectors; `encoded` counts what was asked."""

    name = "words"
    fingerprint = "words-1"

    def __init__(self) -> None:
        self.encoded: list[str] = []

    def encode(self, texts: Sequence[str], kind: Kind = "query") -> Vectors:
        self.encoded += texts
        vectors = np.full((len(texts), DIMENSION), 0.01, np.float32)
        for row, text in enumerate(texts):
            for word in words(text):
                vectors[row, int(hashlib.md5(word.encode()).hexdigest(), 16) % DIMENSION] += 1
        return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def article(name: str, language: str, title: str, text: str, **fields: object) -> Article:
    given: dict[str, object] = {
        "valid_from": date(2026, 1, 1),
        "source": "条款",
        "questions": [title],
        **fields,
    }
    return Article.model_validate({"id": name, "language": language, "title": title, "text": text, **given})


@pytest.fixture
def articles() -> list[Article]:
    return [
        article("grace", "zh", "宽限期多久", "保费晚交有60天宽限期。", products=["life"]),
        article("grace", "en", "How long is the grace period", "You have 60 days to pay.", products=["life"]),
        article("theft", "zh", "家里被盗怎么办", "24小时内报警。\n\n## 材料\n报警回执。", products=["home"]),
        article("deductible-auto", "zh", "免赔额是多少", "每次事故500元。", products=["auto"]),
        article("deductible-home", "zh", "免赔额多少钱", "每次事故300元。", products=["home"]),
        article("flood", "en", "My car was flooded", "Do not start the engine again.", products=["auto"]),
    ]


@pytest.fixture
def model() -> WordModel:
    return WordModel()


@pytest.fixture
def seed_folder(tmp_path: Path) -> Path:
    """A folder with one article in the form that editors write."""
    folder = tmp_path / "articles"
    (folder / "zh").mkdir(parents=True)
    (folder / "zh" / "grace.md").write_text(
        "---\nid: grace\nlanguage: zh\ntitle: 宽限期\nproducts: [life]\ntags: []\nvalid_from: 2026-01-01\n"
        "valid_to: null\nsource: 条款\nquestions:\n  - 晚交保费怎么办\n---\n有60天宽限期。\n",
        "utf-8",
    )
    return folder
