"""The two files of a benchmark: texts, and questions with the texts that answer them."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError


class MalformedBenchmark(Exception):
    """A line is not what it should be, or a question names a text that is not in the corpus."""


class Text(BaseModel):
    """One line of the corpus: `{"id", "lang", "text"}`."""

    model_config = ConfigDict(coerce_numbers_to_str=True)

    id: str
    lang: str = ""
    text: str


class Question(BaseModel):
    """One line of the questions: `{"query", "lang", "relevant"}`; nothing relevant means that nothing fits."""

    model_config = ConfigDict(coerce_numbers_to_str=True)

    query: str
    lang: str = ""
    relevant: list[str]


@dataclass(frozen=True)
class Benchmark:
    """Questions about a corpus."""

    texts: Sequence[Text]
    questions: Sequence[Question]


Line = TypeVar("Line", Text, Question)


def read_lines(path: Path, kind: type[Line]) -> list[Line]:
    """The lines of a JSONL file. Raises MalformedBenchmark, naming the line."""
    found: list[Line] = []
    with path.open(encoding="utf-8") as file:
        for number, line in enumerate(file, start=1):
            if line.strip():
                try:
                    found.append(kind.model_validate_json(line))
                except ValidationError as error:
                    raise MalformedBenchmark(f"{path.name}, line {number}: {error}") from error
    return found


def read_benchmark(corpus: Path, queries: Path) -> Benchmark:
    """Both files. Raises MalformedBenchmark."""
    texts, questions = read_lines(corpus, Text), read_lines(queries, Question)
    if not texts or not questions:
        raise MalformedBenchmark("both files need at least one line")
    known = {text.id for text in texts}
    if len(known) < len(texts):
        raise MalformedBenchmark(f"{corpus.name}: two texts with the same id")
    for question in questions:
        if missing := set(question.relevant) - known:
            raise MalformedBenchmark(
                f"{queries.name}: {question.query!r} names unknown texts {sorted(missing)}"
            )
    return Benchmark(texts, questions)
