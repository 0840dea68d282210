"""one question against 10,000 passages, asked of the service by HTTP, beside a bare endpoint with the sentence model

The bare endpoint turns the question into its vector and searches nothing (tests/bench/bare_model.py): what is above it
is the search. Passages are sentences of our articles in new order; their vectors are those of the articles with noise,
because the time of a search does not depend on what they say. Questions are real and are encoded for real.
"""

from __future__ import annotations

import http.client
import json
import random
import time
from collections.abc import Callable, Sequence
from datetime import date
from urllib.parse import urlsplit

import numpy as np
import psutil

from knowledge import index
from knowledge.article import Article
from knowledge.confidence import load_confidence
from knowledge.evaluation.data import Question, read_lines
from knowledge.index import Index
from knowledge.model_choice import SentenceModel, load_model
from knowledge.passages import entries_of
from knowledge.retriever import Retriever
from knowledge.settings import Settings
from knowledge.source import MarkdownSource, Pulled, PulledSource
from tests.bench.frame import ROOT, Product, Row
from tests.e2e.conftest import free_ports

PASSAGES, SECTIONS, GOAL, SEED = 10_000, 5, 15.0, 7
QUESTIONS = ROOT / "knowledge" / "evaluation" / "development.jsonl"


def run(product: Product) -> list[Row]:
    """Each question once to warm up, then five times."""
    model = load_model(Settings())
    built = _large_index(model)
    questions = read_lines(QUESTIONS, Question)
    environment = _service(product, built)
    url, token = environment["ANDA_KNOWLEDGE_URL"], environment["ANDA_SERVICE_TOKEN"]
    bare_url = f"http://127.0.0.1:{environment['ANDA_PORT']}"
    with (
        product.process("knowledge", environment, ready=f"{url}/health") as pid,
        product.process("tests.bench.bare_model", environment, ready=f"{bare_url}/health"),
    ):
        whole, bare = _times([_asking(url, token), _asking(bare_url, token)], questions)
        memory = psutil.Process(pid).memory_info().rss / 2**20
    retriever = Retriever(built, model, load_confidence())
    today = date(2026, 11, 23)

    def search(one: Question) -> None:
        retriever.search(one.query, "en" if one.lang == "en" else "zh", None, today)

    inside, alone = _times([search, lambda one: model.encode([one.query])], questions)
    passages = sum(entry.kind == "passage" for entry in built.entries)
    is_met = float(np.percentile(whole, 95)) <= GOAL
    return [
        _row(
            f"POST /search, p95 over {passages:,} passages", whole, bare, 95, f"at most {GOAL:.0f} ms", is_met
        ),
        _row("POST /search, p50", whole, bare, 50),
        _row("without HTTP, beside the model alone, p95", inside, alone, 95),
        _row("without HTTP, beside the model alone, p50", inside, alone, 50),
        Row("memory of the service", f"{memory:.0f} MB"),
    ]


def _row(
    name: str,
    ours: Sequence[float],
    beside: Sequence[float],
    share: int,
    goal: str = "",
    is_met: bool | None = None,
) -> Row:
    mine, theirs = float(np.percentile(ours, share)), float(np.percentile(beside, share))
    return Row(name, f"{mine:.1f} ms", f"{theirs:.1f} ms", mine / theirs, goal, is_met)


def _service(product: Product, built: Index) -> dict[str, str]:
    """The environment of a service that finds this index made, these articles pulled and no api."""
    port, bare_port, nobody = free_ports(3)
    settings = Settings(data_dir=product.folder / "search")
    settings.model_folder.parent.mkdir(parents=True)
    settings.model_folder.symlink_to(Settings().model_folder.resolve())
    index.save(built, settings.index_folder)
    PulledSource(settings.pulled_file).write(Pulled("bench", built.articles))
    return product.environment("") | {
        "ANDA_DATA_DIR": str(settings.data_dir),
        "ANDA_KNOWLEDGE_URL": f"http://127.0.0.1:{port}",
        "ANDA_PORT": str(bare_port),
        "ANDA_API_URL": f"http://127.0.0.1:{nobody}",
        "ANDA_NOW": "2026-11-23T04:00:00Z",
    }


def _asking(url: str, token: str) -> Callable[[Question], None]:
    """Asks over one connection, as the actions do."""
    address = urlsplit(url)
    connection = http.client.HTTPConnection(address.hostname or "", address.port or 0)
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}

    def ask(one: Question) -> None:
        body = json.dumps({"query": one.query, "language": "en" if one.lang == "en" else "zh-Hans"})
        connection.request("POST", "/search", body.encode(), headers)
        answer = connection.getresponse()
        found = json.loads(answer.read())
        if answer.status != 200 or not found["others"]:
            raise RuntimeError(f"the service says {answer.status}: {found}")

    return ask


def _times(acts: Sequence[Callable[[Question], None]], questions: Sequence[Question]) -> list[list[float]]:
    """Milliseconds of each act for each question, five times; the acts in turn, so that all meet the same machine."""
    taken: list[list[float]] = [[] for _ in acts]
    for number in range(6):
        for one in questions:
            for act, found in zip(acts, taken, strict=True):
                started = time.perf_counter()
                act(one)
                if number > 0:  # the first time warms up
                    found.append((time.perf_counter() - started) * 1000)
    return taken


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
    articles.sort(key=lambda one: (one.language, one.id, one.valid_from))  # as they are pulled
    entries = entries_of(articles)
    noise = np.random.default_rng(SEED).normal(0, 0.02, (len(entries), 384)).astype(np.float32)
    real = model.encode([one.title for one in seeds])
    vectors = real[np.arange(len(entries)) % len(real)] + noise
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    lexical = index.LexicalIndex.build(entry.searched for entry in entries)
    version = index.version_of(articles, model.fingerprint)
    return Index(version, model.name, model.fingerprint, articles, entries, vectors, lexical)


def _sentences(language: str, articles: Sequence[Article]) -> list[str]:
    ends = "。" if language == "zh" else ". "
    return [
        part.strip() + ends
        for one in articles
        if one.language == language
        for part in one.text.replace("#", "").split(ends)
        if part.strip()
    ]
