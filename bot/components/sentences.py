"""Dense features: the meaning of the whole sentence, from the sentence model."""

from __future__ import annotations

from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.featurizers.dense_featurizer.dense_featurizer import DenseFeaturizer
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.sentence_model import sentence_model
from bot.text import without_numbers


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=False)
class SentenceFeaturizer(DenseFeaturizer, GraphComponent):
    """Adds one vector a message; the model is loaded with the component, not by the first message."""

    def __init__(self, name: str, config: dict[str, Any]) -> None:
        """Load the sentence model. Raises SentenceModelMissing."""
        super().__init__(name, config)
        self._model = sentence_model()

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Return the parent's defaults."""
        return {**DenseFeaturizer.get_default_config()}

    @classmethod
    def validate_config(cls, config: dict[str, Any]) -> None:
        """Accept the configuration; there is nothing to set."""

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> SentenceFeaturizer:
        """Return the component."""
        return cls(execution_context.node_name, config)

    def process(self, messages: list[Message]) -> list[Message]:
        """Add the sentence vector to each message that has text."""
        spoken = [message for message in messages if message.get(TEXT)]
        vectors = self._model.encode([without_numbers(message.get(TEXT)) for message in spoken])
        for message, vector in zip(spoken, vectors, strict=False):
            self.add_features_to_message(None, vector[None, :], TEXT, message)
        return messages

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Do the same to the training examples."""
        self.process(training_data.training_examples)
        return training_data
