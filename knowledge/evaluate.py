"""Measures retrieval: `python -m knowledge.evaluate CORPUS QUERIES`, or `--articles SPLIT` for our own articles.

CORPUS and QUERIES are JSONL files: {"id", "lang", "text"} and {"query", "lang", "relevant": [ids]}. A question with
nothing relevant has no answer in the corpus. SPLIT is development, calibration or test.
"""

import argparse
import hashlib
import os
import sys
import time
from pathlib import Path

import numpy as np
from rich.console import Console

from knowledge.encoder import Kind, Vectors
from knowledge.evaluation.articles import run_articles
from knowledge.evaluation.data import MalformedBenchmark, read_benchmark
from knowledge.evaluation.report import print_report
from knowledge.evaluation.runs import run_methods
from knowledge.index import IndexMissing
from knowledge.model_choice import SentenceModel, load_model
from knowledge.settings import Settings
from knowledge.words import simplify

BATCH = 256


class Encoding:
    """Encodes with progress, and keeps the vectors so that a second run takes seconds."""

    def __init__(self, model: SentenceModel, folder: Path, console: Console) -> None:
        self._model = model
        self._folder = folder
        self._console = console

    def vectors(self, texts: list[str], kind: Kind) -> Vectors:
        """One vector for each text."""
        digest = hashlib.sha256("\x1e".join([self._model.fingerprint, kind, *texts]).encode()).hexdigest()
        kept = self._folder / f"{digest[:24]}.npy"
        if kept.is_file():
            vectors: Vectors = np.load(kept)
            return vectors
        started, parts = time.perf_counter(), []
        for start in range(0, len(texts), BATCH):
            parts.append(self._model.encode([simplify(text) for text in texts[start : start + BATCH]], kind))
            done, spent = min(start + BATCH, len(texts)), time.perf_counter() - started
            left = spent / done * (len(texts) - done)
            self._console.print(
                f"{kind}: {done} of {len(texts)} encoded in {spent:.0f} s, about {left:.0f} s left"
            )
        vectors = np.concatenate(parts)
        self._folder.mkdir(parents=True, exist_ok=True)
        np.save(kept, vectors)
        return vectors


def evaluate_benchmark(corpus: Path, queries: Path, console: Console) -> None:
    """Prints the tables for two files. Raises MalformedBenchmark."""
    settings = Settings()
    benchmark = read_benchmark(corpus, queries)
    model = load_model(settings, workers=os.cpu_count() or 1)
    encoding = Encoding(model, settings.data_dir / "evaluation", console)
    texts = encoding.vectors([text.text for text in benchmark.texts], "passage")
    questions = encoding.vectors([question.query for question in benchmark.questions], "query")

    def progress(done: int, total: int) -> None:
        console.print(f"{done} of {total} questions searched")

    runs = run_methods(benchmark, texts, questions, progress)
    console.print(f"{corpus.name}: {len(benchmark.texts)} texts; {queries.name}; model {model.name}")
    print_report(benchmark.questions, {str(method): run for method, run in runs.items()}, console)


def main() -> int:
    """Exit status 0 when the figures were printed."""
    parser = argparse.ArgumentParser(prog="python -m knowledge.evaluate", description=__doc__)
    parser.add_argument("files", nargs="*", type=Path, metavar="CORPUS QUERIES")
    parser.add_argument("--articles", choices=("development", "calibration", "test"))
    options = parser.parse_args()
    console = Console(width=200 if not sys.stdout.isatty() else None)
    try:
        if options.articles:
            questions, run = run_articles(options.articles, Settings())
            print_report(questions, {"service": run}, console)
        elif len(options.files) == 2:
            corpus, queries = options.files
            evaluate_benchmark(corpus, queries, console)
        else:
            parser.error("name the corpus and the queries, or --articles")
    except (MalformedBenchmark, IndexMissing, FileNotFoundError) as error:
        print(f"evaluate: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
