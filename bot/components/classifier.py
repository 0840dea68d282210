"""The intent classifier: logistic regression on words and meaning, weighed against each other."""

from __future__ import annotations

from typing import Any

import numpy as np
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.logistic_regression_classifier import LogisticRegressionClassifier
from rasa.nlu.constants import TOKENS_NAMES
from rasa.shared.nlu.constants import INTENT, INTENT_RANKING_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message
from scipy.sparse import csr_matrix, hstack, vstack
from sklearn.preprocessing import normalize

from bot.components.tokenizer import EMPTY

MEAN_SIMILARITY = 0.85
"""Any two sentences are about this alike for e5: what is left of a unit vector without it has this much length."""
REST = (1 - MEAN_SIMILARITY) ** 0.5


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class WeighedLogisticRegression(LogisticRegressionClassifier):
    """Rasa's classifier with features of comparable size; the weights are chosen on the training data alone."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Return the parent's defaults and ours."""
        ours = {
            "sparse_weight": 0.5,
            "dense_weight": 1.0,
            "inverse_penalty": 10.0,
            "trust_without_words": 0.5,
            "names_intent": "inform",
        }
        return {**LogisticRegressionClassifier.get_default_config(), **ours}

    def __init__(
        self, config: dict[str, Any], name: str, model_storage: ModelStorage, resource: Resource
    ) -> None:
        """Set the penalty, which the parent leaves at its default."""
        super().__init__(config, name, model_storage, resource)
        self.clf.set_params(C=self.config["inverse_penalty"])

    def process(self, messages: list[Message]) -> list[Message]:
        """Set the intents as the parent does; where no word is known (`asdf`, `…`) its confidence is lowered."""
        for message in super().process(messages):
            is_name = message.get(INTENT)["name"] == self.config["names_intent"]
            if not is_name and _is_without_known_words(message):
                self._doubt(message)
        return messages

    def _doubt(self, message: Message) -> None:
        """Believe the vector alone only half, so that the bot asks back unless it is beyond doubt (`hiya`)."""
        trust = self.config["trust_without_words"]
        ranking = [
            {**one, "confidence": one["confidence"] * trust} for one in message.get(INTENT_RANKING_KEY)
        ]
        message.set(INTENT, ranking[0], add_to_output=True)
        message.set(INTENT_RANKING_KEY, ranking, add_to_output=True)

    def _create_X(self, messages: list[Message]) -> csr_matrix | np.ndarray:  # noqa: N802 the parent calls it so
        """Return one row a message: its words to length one, and its meaning, each by its weight."""
        sparse = [message.get_sparse_features(attribute=TEXT)[1].features for message in messages]
        dense = np.vstack([message.get_dense_features(attribute=TEXT)[1].features for message in messages])
        meaning = dense * (self.config["dense_weight"] / REST)
        if len(messages) == 1:
            # Sparse matrices save room in training; making them for one message takes longer than the arithmetic.
            words = normalize(sparse[0].toarray())
            return np.hstack([words * self.config["sparse_weight"], meaning])
        words = normalize(vstack(sparse).tocsr())
        return hstack([words * self.config["sparse_weight"], csr_matrix(meaning)]).tocsr()


def _is_without_known_words(message: Message) -> bool:
    """Say whether no word of the training data is in it.

    Chinese is cut in so many ways, and a 👍 means so much without words, that their vectors are trusted.
    """
    tokens = message.get(TOKENS_NAMES[TEXT]) or []
    is_known = message.get_sparse_features(attribute=TEXT)[1].features.nnz > 0
    is_empty = all(token.lemma == EMPTY for token in tokens)
    return is_empty or (not is_known and str(message.get(TEXT)).isascii())
