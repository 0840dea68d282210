"""Runs our own questions through the very retriever that serves."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path

from knowledge.article import Language
from knowledge.confidence import confidence_of
from knowledge.evaluation.data import Question, read_lines
from knowledge.evaluation.runs import Run
from knowledge.index import load
from knowledge.model_choice import load_model
from knowledge.retriever import DEPTH, Retriever
from knowledge.settings import Settings

FOLDER = Path(__file__).parent


def run_articles(split: str, settings: Settings) -> tuple[Sequence[Question], Run]:
    """The questions of a split and what the service would do. Raises IndexMissing, ModelUnusable."""
    questions = read_lines(FOLDER / f"{split}.jsonl", Question)
    model = load_model(settings)
    retriever = Retriever(load(settings.index_folder), model, confidence_of(settings, model.fingerprint))
    return questions, run_questions(questions, retriever, settings.today())


def run_questions(questions: Sequence[Question], retriever: Retriever, today: date) -> Run:
    """What a service with this retriever would do."""
    run = Run()
    for question in questions:
        language: Language = "en" if question.lang == "en" else "zh"
        result = retriever.search(question.query, language, None, today, DEPTH)
        ids = [hit.article.id for hit in result.hits]
        run.ranks.append(next((rank for rank, one in enumerate(ids, start=1) if one in question.relevant), 0))
        run.gave_answer.append(result.fits)
    return run
