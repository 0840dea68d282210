"""one question against 10,000 passages: p95 of a whole search, beside the sentence model alone

Passages are sentences of our articles in new order; their vectors are those of the articles with noise, because the
time of a search does not depend on what they say. Questions are real and are encoded for real. Memory is the process's
growth.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Sequence
from datetime import date

import numpy as np
import psutil

from knowledge import index
from knowledge.article import Article
from knowledge.evaluation.data import Question, read_lines
from knowledge.index import Index
from knowledge.model_choice import SentenceModel, load_model
from knowledge.passages import entries_of
from knowledge.retriever import Retriever
from knowledge.settings import Settings
from knowledge.source import MarkdownSource
from tests.bench.frame import ROOT, Product, Row

PASSAGES, SECTIONS, GOAL, SEED = 10_000, 5, 15.0, 7
QUESTIONS = ROOT / "knowledge" / "evaluation" / "development.jsonl"


def run(_: Product) -> list[Row]:
    """Each question once to warm up, then five times."""
    model = load_model(Settings())
    before = psutil.Process().memory_info().rss
    retriever = Retriever(_large_index(model), model)
    grown = (psutil.Process().memory_info().rss - before) / 2**20
    questions = read_lines(QUESTIONS, Question)
    today = date(2026, 11, 23)

    def search(one: Question) -> None:
        retriever.search(one.query, "en" if one.lang == "en" else "zh", None, today)

    def encode(one: Question) -> None:
        model.encode([one.query])

    whole, alone = _times(search, questions), _times(encode, questions)
    passages = sum(entry.kind == "passage" for entry in retriever.index.entries)
    rest = float(np.percentile(whole, 95) - np.percentile(alone, 95))
    return [
        Row(
            f"search, p95 over {passages:,} passages",
            f"{np.percentile(whole, 95):.1f} ms",
            f"{np.percentile(alone, 95):.1f} ms",
            float(np.percentile(whole, 95) / np.percentile(alone, 95)),
            f"at most {GOAL:.0f} ms",
            bool(np.percentile(whole, 95) <= GOAL),
        ),
        Row("search, p50", f"{np.percentile(whole, 50):.1f} ms", f"{np.percentile(alone, 50):.1f} ms"),
        Row("all but the model: the most that approximate search could save", f"{rest:.1f} ms"),
        Row("memory of the index", f"{grown:.0f} MB"),
    ]


def _times(act: Callable[[Question], None], questions: Sequence[Question]) -> list[float]:
    for one in questions:
        act(one)
    found = []
    for one in [*questions] * 5:
        started = time.perf_counter()
        act(one)
        found.append((time.perf_counter() - started) * 1000)
    return found


def _large_index(model: SentenceModel) -> Index:
    """As many articles, made of the sentences of ours, as give that many passages."""
    draw, seeds = random.Random(SEED), MarkdownSource().articles()
    sentences = {lang: _sentences(lang, seeds) for lang in ("zh", "en")}
    articles: list[Article] = []
    while len(articles) * SECTIONS < PASSAGES:
        seed = draw.choice(seeds)
        sections = ["".join(draw.sample(sentences[seed.language], 2)) for _ in range(SECTIONS)]
        text = "\n\n".join(f"## {number}\n{section}" for number, section in enumerate(sections))
        articles.append(seed.model_copy(update={"id": f"topic-{len(articles)}", "text": text}))
    entries = entries_of(articles)
    noise = np.random.default_rng(SEED).normal(0, 0.02, (len(entries), 384)).astype(np.float32)
    real = model.encode([one.title for one in seeds])
    vectors = real[np.arange(len(entries)) % len(real)] + noise
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    lexical = index.LexicalIndex.build(entry.searched for entry in entries)
    return Index("bench", model.name, model.fingerprint, articles, entries, vectors, lexical)


def _sentences(language: str, articles: Sequence[Article]) -> list[str]:
    ends = "。" if language == "zh" else ". "
    return [
        part.strip() + ends
        for one in articles
        if one.language == language
        for part in one.text.replace("#", "").split(ends)
        if part.strip()
    ]
