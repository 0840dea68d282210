"""A message alone and among others is the same to the classifier."""

from __future__ import annotations

import numpy as np
import scipy.sparse
from rasa.engine.graph import ExecutionContext, GraphSchema
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.shared.nlu.constants import FEATURE_TYPE_SENTENCE, FEATURE_TYPE_SEQUENCE, TEXT
from rasa.shared.nlu.training_data.features import Features
from rasa.shared.nlu.training_data.message import Message

from bot.components.classifier import WeighedLogisticRegression


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
