"""The stock project that ours is measured beside: which of its models may stand for it."""

from __future__ import annotations

from pathlib import Path

import pytest
import stock_project

EXAMPLES = """version: "3.1"
nlu:
- intent: greet
  examples: |
    - hello
    - good morning
"""
RULES = """version: "3.1"
rules:
- rule: greet
  steps:
  - intent: greet
  - action: utter_greet
"""


@pytest.fixture
def trainings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """The folders that were trained in; training itself takes an hour and is left out."""
    for name, content in (("nlu/zh", EXAMPLES), ("nlu/en", EXAMPLES), ("rules", RULES)):
        (tmp_path / "bot" / "data" / name).mkdir(parents=True)
        (tmp_path / "bot" / "data" / name / "rules.yml").write_text(content, encoding="utf-8")
    (tmp_path / "bot" / "domain").mkdir()
    done: list[Path] = []

    def trained(folder: Path) -> tuple[Path, dict[str, int]]:
        done.append(folder)
        made = folder / "made.tar.gz"
        made.write_bytes(b"a model")
        return made, {"seconds": 1, "cpu_seconds": 1}

    monkeypatch.setattr(stock_project, "OURS", tmp_path / "bot")
    monkeypatch.setattr(stock_project, "_trained", trained)
    return done


def test_a_model_is_kept_for_its_epochs_and_its_data_alone(tmp_path: Path, trainings: list[Path]) -> None:
    kept, added = tmp_path / "kept", tmp_path / "bot" / "data" / "nlu" / "en" / "greet.yml"
    short, whole = stock_project.train(kept, 15), stock_project.train(kept)
    assert trainings == [short.parent, whole.parent]
    assert stock_project.train(kept) == whole
    assert len(trainings) == 2
    added.write_text(EXAMPLES, encoding="utf-8")
    assert stock_project.train(kept) == whole
    assert len(trainings) == 3
