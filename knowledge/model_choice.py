"""Which sentence model is used: ours by default, any sentence-transformers model when one is named."""

from collections.abc import Sequence
from typing import Protocol

import numpy as np

from knowledge.encoder import Encoder, Kind, Vectors
from knowledge.settings import Settings


class SentenceModel(Protocol):
    """What the index and the retriever need of a model."""

    name: str
    fingerprint: str

    def encode(self, texts: Sequence[str], kind: Kind = "query") -> Vectors: ...


class NamedModel:
    """A sentence-transformers model by name or folder; needs the environment of the group `knowledge`."""

    def __init__(self, name: str) -> None:
        from sentence_transformers import SentenceTransformer  # only here: the service runs without it

        self.name = name
        self.fingerprint = name
        self.transformer = SentenceTransformer(name, device="cpu", model_kwargs={"dtype": "float32"})

    def encode(self, texts: Sequence[str], kind: Kind = "query") -> Vectors:
        """Unit vectors; the model's own prompts for queries and documents are used when it has any."""
        encode = self.transformer.encode_query if kind == "query" else self.transformer.encode_document
        vectors = encode(list(texts), normalize_embeddings=True, show_progress_bar=False)
        return np.asarray(vectors, np.float32)


def load_model(settings: Settings, workers: int = 1) -> SentenceModel:
    """The model that the settings name."""
    if settings.knowledge_model:
        return NamedModel(settings.knowledge_model)
    return Encoder(settings.model_folder, workers)
