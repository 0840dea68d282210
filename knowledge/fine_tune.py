"""Fine-tunes a model on the questions of our articles: `python -m knowledge.fine_tune OUT`.

Needs the environment of the group `knowledge`. A quarter of the topics is left out. The model before and the tuned one
then answer the listed questions of those topics, in their own language and across, and the development questions,
which are in no article. OUT is written when the tuned one is better beyond doubt in one of these exams (95 % interval
of the paired difference of MRR@10 above zero) and worse beyond doubt in none, and may then be named by
ANDA_KNOWLEDGE_MODEL; `--keep` writes it whatever comes out. The test questions are reported and decide nothing.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import torch
from rich.console import Console
from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer.losses import MultipleNegativesRankingLoss

from knowledge import index
from knowledge.article import Article, MalformedArticle
from knowledge.calibrate import COLUMNS, QUESTIONS, fit, observations
from knowledge.confidence import Method
from knowledge.evaluation.articles import FOLDER, run_questions
from knowledge.evaluation.data import Question, read_lines
from knowledge.evaluation.exams import Exam, is_better
from knowledge.evaluation.held_out import ask_held_out, held_out_topics
from knowledge.evaluation.report import print_report
from knowledge.examples import Example, batches, examples_of
from knowledge.model_choice import ModelUnusable, NamedModel
from knowledge.retriever import Retriever
from knowledge.settings import Settings
from knowledge.source import PulledSource

# Fixed before the first run; the scale is the one that models of e5's kind, whose cosines lie close, are made with.
EPOCHS, RATE, SCALE, SEED = 2, 2e-5, 50.0, 7


def tune(model: SentenceTransformer, examples: Sequence[Example], epochs: int, console: Console) -> None:
    """A question is drawn to its own article's passage and away from the others'."""
    loss = MultipleNegativesRankingLoss(model, scale=SCALE)
    optimizer = torch.optim.AdamW(model.parameters(), lr=RATE)
    prompts, started = model.prompts, time.perf_counter()
    model.train()
    plan = [batch for epoch in range(epochs) for batch in batches(examples, epoch)]
    for step, batch in enumerate(plan, 1):
        texts = (
            [(prompts.get("query") or "") + one.question for one in batch],
            [(prompts.get("document") or prompts.get("passage") or "") + one.passage for one in batch],
        )
        value = loss([model.preprocess(list(some)) for some in texts], None)
        optimizer.zero_grad()
        value.backward()
        optimizer.step()
        if step % 10 == 0 or step == len(plan):
            spent = time.perf_counter() - started
            console.print(f"step {step} of {len(plan)}, loss {value.item():.3f}, {spent:.0f} s")
    model.eval()


def examine(
    model: NamedModel, articles: Sequence[Article], held_out: set[str], settings: Settings, console: Console
) -> tuple[index.Index, dict[str, Exam]]:
    """What retrieval makes of this model, exam by exam."""

    def show(done: int, total: int) -> None:
        if done % 256 == 0 or done == total:
            console.print(f"{done} of {total} texts encoded")

    built = index.build(articles, model, None, show)
    rows, right = observations(Retriever(built, model, None), read_lines(QUESTIONS, Question), settings)
    service = Retriever(built, model, fit(rows, right, COLUMNS["hybrid"]))
    exams = {}
    for across in (False, True):
        questions, runs = ask_held_out(built, held_out, across)
        where = "passages in the other language" if across else "passages"
        methods: tuple[Method, ...] = ("embeddings",) if across else ("embeddings", "hybrid")
        for method in methods:
            exams[f"held-out topics, {where}, {method}"] = Exam(questions, runs[method])
    for name, split in (
        ("service, development questions", "development"),
        ("service, test questions (reported, decides nothing)", "test"),
    ):
        questions = read_lines(FOLDER / f"{split}.jsonl", Question)
        run = run_questions(questions, service, settings.today())
        exams[name] = Exam(questions, run, decides=split != "test")
    return built, exams


def main() -> int:
    """Exit status 0 when it was tuned and measured, whatever came out."""
    parser = argparse.ArgumentParser(prog="python -m knowledge.fine_tune", description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--epochs", type=int, default=EPOCHS)
    parser.add_argument("--keep", action="store_true")
    options = parser.parse_args()
    console, settings = Console(width=150), Settings()
    torch.manual_seed(SEED)
    try:
        articles = PulledSource(settings.pulled_file).articles()
        model = NamedModel(settings.knowledge_model or str(settings.model_folder.with_name("st")))
    except (MalformedArticle, ModelUnusable) as error:
        print(f"fine-tuning: {error}", file=sys.stderr)
        return 1
    held_out = held_out_topics(articles)
    built, before = examine(model, articles, held_out, settings, console)
    examples = [one for one in examples_of(built) if one.topic not in held_out]
    console.print(f"{len(examples)} questions to learn; {len(held_out)} topics are left out")
    tune(model.transformer, examples, options.epochs, console)
    model.fingerprint += ", tuned"
    _, after = examine(model, articles, held_out, settings, console)
    for name, exam in before.items():
        console.print(f"\n{name}")
        print_report(exam.questions, {"as it was": exam.run, "tuned": after[name].run}, console)
    helps = is_better(before, after)
    console.print(f"\n{'' if helps else 'not '}better beyond doubt on questions it has not seen")
    if helps or options.keep:
        model.transformer.save(str(options.out))
        console.print(f"written to {options.out}; name it in ANDA_KNOWLEDGE_MODEL")
    return 0


if __name__ == "__main__":
    sys.exit(main())
