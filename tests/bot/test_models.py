"""Models come and go: which is in force, which new one is taken, what the insurer's own data may hold."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bot import own_data
from bot.measuring import Answer, compare
from bot.trial import Trial
from bot.versions import NothingBefore, Versions

DIALOGUE = {"dialogue": "d1"}


def answers(wrong: int, sentences: int = 100) -> list[Answer]:
    """The answers of a model that has its first sentences wrong."""
    return [
        Answer(f"s{number}", "greet", "thank" if number < wrong else "greet", 0.9)
        for number in range(sentences)
    ]


def trained(versions: Versions, version: str) -> None:
    """A model as training leaves it."""
    file = versions.folder / "new" / "assistant.tar.gz"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(version)
    versions.add(version, file, {**DIALOGUE, "sources": f"of {version}"})


class Bench:
    """Models whose wrong answers are told instead of measured."""

    def __init__(self, folder: Path) -> None:
        self.versions = Versions(folder)
        self.wrong: dict[str, int] = {}
        self.said: list[str] = []

    def tries(self, version: str, wrong: int, force: bool = False, may_stay: bool = True) -> bool:
        trained(self.versions, version)
        self.wrong[version] = wrong
        trial = Trial(
            self.versions, may_stay, lambda path: answers(self.wrong[path.read_text()]), self.said.append
        )
        return trial.decide(version, self.versions.about(version), force=force)


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


def test_the_first_model_is_taken_and_a_better_one_replaces_it(bench: Bench) -> None:
    assert bench.tries("a", wrong=10)
    assert bench.tries("b", wrong=8)
    assert bench.versions.current == "b"
    assert bench.versions.about("b")["right"] == 92


def test_a_worse_one_is_not_taken_and_its_sentences_are_named(bench: Bench) -> None:
    bench.tries("a", wrong=10)
    assert not bench.tries("b", wrong=12)
    assert bench.versions.current == "a"
    assert not bench.versions.model("b").exists()
    assert bench.versions.refused["sources"] == "of b"
    assert any("s11" in line and "worse" in line for line in bench.said)
    assert any("-2.0 points" in line for line in bench.said)


def test_one_sentence_is_put_down_to_chance_but_not_one_each_time(bench: Bench) -> None:
    assert bench.tries("a", wrong=10)
    assert bench.tries("b", wrong=11)
    assert not bench.tries("c", wrong=12)
    assert bench.versions.current == "b"


def test_a_worse_one_is_taken_when_the_insurer_insists(bench: Bench) -> None:
    bench.tries("a", wrong=10)
    assert bench.tries("b", wrong=30, force=True)
    assert bench.tries("c", wrong=31), "the bar is the forced model's own"


def test_a_changed_dialogue_takes_its_model_along(bench: Bench) -> None:
    bench.tries("a", wrong=10)
    assert bench.tries("b", wrong=20, may_stay=False)


def test_the_model_before_is_kept_and_older_ones_go(bench: Bench) -> None:
    for version in "abc":
        bench.tries(version, wrong=10)
    assert [bench.versions.model(one).exists() for one in "abc"] == [False, True, True]
    assert bench.versions.roll_back(lambda: "d1") == "b"
    assert bench.versions.current == "b"
    assert bench.versions.refused["sources"] == "of c", "the next start does not train the same again"
    assert bench.versions.roll_back(lambda: "d1") == "c"
    with pytest.raises(NothingBefore, match="dialogue"):
        bench.versions.roll_back(lambda: "d2")


def test_there_is_nothing_before_the_first(bench: Bench) -> None:
    bench.tries("a", wrong=10)
    with pytest.raises(NothingBefore):
        bench.versions.roll_back(lambda: "d1")


def test_a_torn_pointer_is_no_model(bench: Bench) -> None:
    bench.tries("a", wrong=10)
    (bench.versions.folder / "current.json").write_text('{"version"')
    assert bench.versions.current is None


def test_the_interval_is_that_of_the_pairs(bench: Bench) -> None:
    found = compare(answers(10), answers(12))
    point, low, high = found.difference
    assert (point, round(low, 2), round(high, 2)) == (-2.0, -4.74, 0.74)


def written(folder: Path, text: str) -> list[str]:
    (folder / "labelled.yml").write_text(text, encoding="utf-8")
    return own_data.check(folder).problems


def test_what_supervisors_export_can_be_trained_with(tmp_path: Path) -> None:
    exported = Path(__file__).parents[1] / "contracts" / "review_export.yml"
    (tmp_path / "review-1.yml").write_bytes(exported.read_bytes())
    found = own_data.check(tmp_path)
    assert (found.problems, found.examples) == ([], 5)
    from rasa.shared.nlu.training_data.loading import load_data

    examples = load_data(str(tmp_path)).nlu_examples
    entities = [(one["entity"], one["value"]) for example in examples for one in example.get("entities", [])]
    assert [example.get("intent") for example in examples].count("query_claim") == 3
    assert ("claim_number", "C2000000000") in entities
    texts = {example.get("text") for example in examples}
    assert '改成［张三］(person)吧: - "好" # 的' in texts, "what customers type is no markup"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("nlu:\n- intent: dance\n  examples: |\n    - 跳个舞吧朋友\n", "labelled.yml:2: there is no intent"),
        (
            "nlu:\n- intent: query_claim\n  examples: |\n    - 我家的案子走到哪步啦\n    - [x](shoe) 好\n",
            "labelled.yml:5: there is no entity",
        ),
        ("rules: []\n", "labelled.yml:1:"),
        ("nlu:\n- intent: [\n", "labelled.yml:3: this is not valid YAML"),
        ("nlu:\n- intent: greet\n  examples: |\n    你好\n", "labelled.yml:4: an example begins"),
    ],
)
def test_what_is_wrong_is_named_with_its_line(tmp_path: Path, text: str, problem: str) -> None:
    (found,) = written(tmp_path, text)
    assert found.startswith(problem)


def test_a_sentence_of_the_fixed_split_is_refused_also_with_another_number(tmp_path: Path) -> None:
    from bot.measuring import read_split

    judged = max((text for text, _ in read_split("zh")), key=len)
    lines = f"nlu:\n- intent: greet\n  examples: |\n    - 我想问一件很普通的事情\n    - {judged}呀\n"
    (found,) = written(tmp_path, lines)
    assert found.startswith("labelled.yml:5: this is nearly a sentence")


def test_no_folder_is_no_data(tmp_path: Path) -> None:
    assert own_data.check(tmp_path / "none") == own_data.OwnData()


def test_a_version_knows_its_own_file(bench: Bench) -> None:
    bench.tries("a", wrong=1)
    pointer = json.loads((bench.versions.folder / "current.json").read_text())
    assert pointer == {"version": "a", "previous": None}
