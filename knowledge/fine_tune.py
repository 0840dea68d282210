"""Fine-tunes a model on the questions of our articles: `python -m knowledge.fine_tune OUT`.

Needs the environment of the group `knowledge`. Afterwards both models answer the development questions, which are in
no article. OUT is written when the tuned one is better beyond doubt (the 95 % interval of the paired difference of
MRR@10 above zero), and may then be named by ANDA_KNOWLEDGE_MODEL; `--keep` writes it whatever comes out.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import torch
from rich.console import Console
from sentence_transformers import SentenceTransformer
from sentence_transformers.losses import MultipleNegativesRankingLoss

from knowledge import index
from knowledge.article import Article
from knowledge.evaluation.articles import FOLDER, run_questions
from knowledge.evaluation.data import Question, read_lines
from knowledge.evaluation.metrics import mean_interval, reciprocal_rank
from knowledge.evaluation.report import print_report
from knowledge.evaluation.runs import Run
from knowledge.model_choice import NamedModel
from knowledge.passages import entries_of
from knowledge.retriever import Retriever
from knowledge.settings import Settings
from knowledge.source import MarkdownSource
from knowledge.words import simplify

BATCH, EPOCHS, RATE, SEED = 16, 2, 2e-5, 7


def pairs(articles: Sequence[Article]) -> list[tuple[int, str, str]]:
    """(article, question, one of its passages): every question of every article once."""
    draw = np.random.default_rng(SEED)
    passages: dict[int, list[str]] = {}
    entries = entries_of(articles)
    for entry in entries:
        if entry.kind == "passage":
            passages.setdefault(entry.article, []).append(simplify(entry.searched))
    return [
        (entry.article, simplify(entry.searched), str(draw.choice(passages[entry.article])))
        for entry in entries
        if entry.kind == "question"
    ]


def batches(examples: Sequence[tuple[int, str, str]], seed: int) -> Iterator[list[tuple[int, str, str]]]:
    """Shuffled; no batch holds an article twice, because all other passages of a batch count as wrong."""
    rest = [examples[place] for place in np.random.default_rng(seed).permutation(len(examples))]
    while rest:
        batch: list[tuple[int, str, str]] = []
        later: list[tuple[int, str, str]] = []
        for one in rest:
            is_taken = len(batch) == BATCH or any(one[0] == other[0] for other in batch)
            (later if is_taken else batch).append(one)
        rest = later
        yield batch


def tune(model: SentenceTransformer, examples: Sequence[tuple[int, str, str]], console: Console) -> None:
    """A question is drawn to its own article's passage and away from the others'."""
    loss = MultipleNegativesRankingLoss(model)
    optimizer = torch.optim.AdamW(model.parameters(), lr=RATE)
    prompts = model.prompts
    model.train()
    plan = [batch for epoch in range(EPOCHS) for batch in batches(examples, epoch)]
    for step, batch in enumerate(plan, 1):
        texts = (
            [prompts.get("query", "") + question for _, question, _ in batch],
            [prompts.get("document", prompts.get("passage", "")) + passage for _, _, passage in batch],
        )
        value = loss([model.preprocess(list(some)) for some in texts], None)
        optimizer.zero_grad()
        value.backward()
        optimizer.step()
        if step % 10 == 0 or step == len(plan):
            console.print(f"step {step} of {len(plan)}, loss {value.item():.3f}")
    model.eval()


def measure(model: NamedModel, articles: Sequence[Article], questions: Sequence[Question]) -> Run:
    """What the service would do with this model."""
    built = index.build(articles, model, None, lambda done, total: None)
    return run_questions(questions, Retriever(built, model), Settings().today())


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m knowledge.fine_tune", description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--keep", action="store_true")
    options = parser.parse_args()
    console, settings = Console(width=150), Settings()
    name = settings.knowledge_model or str(settings.model_folder.with_name("st"))
    articles = MarkdownSource().articles()
    questions = read_lines(FOLDER / "development.jsonl", Question)
    torch.manual_seed(SEED)
    model = NamedModel(name)
    runs = {"as it was": measure(model, articles, questions)}
    tune(model.transformer, pairs(articles), console)
    runs["tuned"] = measure(model, articles, questions)
    print_report(questions, runs, console)
    answerable = np.array([bool(one.relevant) for one in questions])
    before, after = (reciprocal_rank(np.array(run.ranks)[answerable].tolist()) for run in runs.values())
    is_better = mean_interval(after - before).low > 0
    if is_better or options.keep:
        model.transformer.save(str(options.out))
        console.print(f"written to {options.out}; name it in ANDA_KNOWLEDGE_MODEL")
    else:
        console.print("not better beyond doubt on questions it has not seen: nothing was written")
    return 0


if __name__ == "__main__":
    sys.exit(main())
