"""Asks the listed questions of topics that a training left out, of passages alone: an exam that nobody could learn."""

from collections.abc import Collection, Sequence

import numpy as np

from knowledge.article import Article
from knowledge.confidence import Method
from knowledge.evaluation.data import Benchmark, Question, Text
from knowledge.evaluation.runs import Run, run_methods
from knowledge.index import Index

SHARE, SEED = 4, 7  # one topic of four is left out


def held_out_topics(articles: Sequence[Article]) -> set[str]:
    """Always the same ones; both languages of a topic are left out together."""
    topics = sorted({one.id for one in articles})
    order = np.random.default_rng(SEED).permutation(len(topics))
    return {topics[place] for place in order[: len(topics) // SHARE]}


def ask_held_out(
    index: Index, topics: Collection[str], across: bool = False
) -> tuple[list[Question], dict[Method, Run]]:
    """Ranks the passages of every topic for each listed question of `topics`: those in the question's language, or
    (`across`) those in the other one. A passage of the question's topic is right."""
    questions: list[Question] = []
    runs: dict[Method, Run] = {"BM25": Run(), "embeddings": Run(), "hybrid": Run()}
    for language, other in (("zh", "en"), ("en", "zh")):
        texts = _passages(index, other if across else language)
        asked = _listed_questions(index, language, topics)
        if not texts or not asked:
            continue
        benchmark = Benchmark(
            [Text(id=str(text), text=index.entries[text].searched) for text in texts],
            [_question(index, one, language, texts) for one in asked],
        )
        found = run_methods(benchmark, index.vectors[texts], index.vectors[asked], lambda done, total: None)
        questions += benchmark.questions
        for method, run in found.items():
            runs[method].ranks += run.ranks
            runs[method].gave_answer += run.gave_answer
    return questions, runs


def _passages(index: Index, language: str) -> list[int]:
    return [
        place
        for place, entry in enumerate(index.entries)
        if entry.kind == "passage" and index.articles[entry.article].language == language
    ]


def _listed_questions(index: Index, language: str, topics: Collection[str]) -> list[int]:
    """Without the titles: every passage begins with its own."""
    found = []
    for place, entry in enumerate(index.entries):
        article = index.articles[entry.article]
        is_asked = entry.kind == "question" and entry.text != article.title
        if is_asked and article.language == language and article.id in topics:
            found.append(place)
    return found


def _question(index: Index, place: int, language: str, texts: Sequence[int]) -> Question:
    topic = _topic(index, place)
    right = [str(text) for text in texts if _topic(index, text) == topic]
    return Question(query=index.entries[place].searched, lang=language, relevant=right)


def _topic(index: Index, place: int) -> str:
    return index.articles[index.entries[place].article].id
