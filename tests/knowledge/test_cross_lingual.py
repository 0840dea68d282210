"""With the real model: when the article in the customer's language is retired, the other language's is found."""

import pytest

from knowledge.article import Article, Language
from knowledge.confidence import load_confidence
from knowledge.index import build
from knowledge.model_choice import load_model
from knowledge.retriever import Retriever
from knowledge.settings import Settings
from knowledge.source import MarkdownSource

SETTINGS = Settings(_env_file=None, now="2026-11-22T00:00:00Z")
pytestmark = pytest.mark.skipif(
    not (SETTINGS.model_folder / "model.onnx").is_file(), reason="needs the sentence model (make up)"
)
TOPICS = (
    "cooling-off-period",
    "grace-period",
    "claim-process",
    "deductible-explained",
    "complaint-procedure",
)


@pytest.fixture(scope="module")
def some() -> list[Article]:
    seed = MarkdownSource().articles()
    kept = [one for one in seed if one.id in TOPICS]
    return kept if len({one.id for one in kept}) > 2 else seed[:12]


@pytest.mark.parametrize(
    ("asked", "language", "topic"),
    [
        ("What happens if I pay my premium late?", "en", "grace-period"),
        ("Can I change my mind and get my money back after signing?", "en", "cooling-off-period"),
        ("签完字后悔了能退钱吗", "zh", "cooling-off-period"),
    ],
)
def test_a_question_finds_the_article_of_the_other_language(
    some: list[Article], asked: str, language: Language, topic: str
) -> None:
    model = load_model(SETTINGS)
    left = [one for one in some if (one.id, one.language) != (topic, language)]
    retriever = Retriever(build(left, model, None, lambda done, total: None), model, load_confidence())
    best = retriever.search(asked, language, None, SETTINGS.today()).hits[0].article
    assert (best.id, best.language) == (topic, "zh" if language == "en" else "en")
