"""A message alone and among others is the same to the classifier."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
import scipy.sparse
from rasa.engine.graph import ExecutionContext, GraphSchema
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.nlu.constants import TOKENS_NAMES
from rasa.nlu.tokenizers.tokenizer import Token
from rasa.shared.nlu.constants import (
    FEATURE_TYPE_SENTENCE,
    FEATURE_TYPE_SEQUENCE,
    INTENT,
    INTENT_RANKING_KEY,
    TEXT,
)
from rasa.shared.nlu.training_data.features import Features
from rasa.shared.nlu.training_data.message import Message

from bot.components.classifier import WeighedLogisticRegression
from bot.components.tokenizer import EMPTY


def message(words: list[float], meaning: list[float]) -> Message:
    """A message as the featurizers leave it."""
    made = Message({TEXT: "x"})
    for kind in (FEATURE_TYPE_SEQUENCE, FEATURE_TYPE_SENTENCE):
        made.add_features(Features(scipy.sparse.coo_matrix([words]), kind, TEXT, "words"))
        made.add_features(Features(np.array([meaning]), kind, TEXT, "meaning"))
    return made


def test_one_message_has_the_row_that_it_has_among_others(tmp_path) -> None:  # type: ignore[no-untyped-def]
    storage = LocalModelStorage.create(tmp_path)
    context = ExecutionContext(GraphSchema({}))
    config = WeighedLogisticRegression.get_default_config()
    classifier = WeighedLogisticRegression.create(config, storage, Resource("classifier"), context)
    messages = [
        message([1, 0, 2, 1], [0.1, 0.9]),
        message([0, 0, 0, 0], [0.7, 0.3]),
        message([3, 1, 0, 0], [1, 0]),
    ]
    together = classifier._create_X(messages).toarray()
    for row, one in zip(together, messages, strict=False):
        assert np.allclose(classifier._create_X([one]), row, rtol=0, atol=1e-12)


def read(text: str, words: list[float], lemma: str = "x", likeliest: str = "greet") -> dict[str, float]:
    """What `process` makes of a message whose vector says this intent with a confidence of .9."""
    made = message(words, [1, 0])
    made.set(TEXT, text)
    made.set(TOKENS_NAMES[TEXT], [Token(text, 0, lemma=lemma)])
    classifier = object.__new__(WeighedLogisticRegression)
    classifier.config = WeighedLogisticRegression.get_default_config()
    classifier.clf = SimpleNamespace(
        classes_=[likeliest, "thank"], predict_proba=lambda rows: [[0.9, 0.1]] * len(rows)
    )
    classifier.process([made])
    assert made.get(INTENT) == made.get(INTENT_RANKING_KEY)[0]
    return {one["name"]: one["confidence"] for one in made.get(INTENT_RANKING_KEY)}


@pytest.mark.parametrize(
    ("text", "words", "lemma", "trust"),
    [
        ("asdfghjkl", [0, 0], "asdfghjkl", 0.5),
        ("。。。", [1, 0], EMPTY, 0.5),
        ("hello", [1, 0], "hello", 1),
        ("昨晚", [0, 0], "昨晚", 1),
        ("👍", [0, 0], "👍", 1),
    ],
)
def test_a_message_without_a_known_word_is_believed_half(
    text: str, words: list[float], lemma: str, trust: float
) -> None:
    assert read(text, words, lemma)["greet"] == pytest.approx(0.9 * trust)


def test_a_name_is_no_known_word_and_believed_all_the_same() -> None:
    assert read("Pudong", [0, 0], likeliest="inform")["inform"] == pytest.approx(0.9)
