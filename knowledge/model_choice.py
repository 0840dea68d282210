"""Which sentence model is used: ours by default, any sentence-transformers model when one is named."""

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np

from knowledge.encoder import Encoder, Kind, Vectors
from knowledge.settings import Settings

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer


class ModelUnusable(Exception):
    """ANDA_KNOWLEDGE_MODEL names what cannot be loaded here, or the default model has not been made."""


class SentenceModel(Protocol):
    """What the index and the retriever need of a model."""

    name: str
    fingerprint: str

    def encode(self, texts: Sequence[str], kind: Kind = "query") -> Vectors: ...


class NamedModel:
    """A sentence-transformers model by name or folder; needs the environment of the group `knowledge`."""

    def __init__(self, name: str) -> None:
        """Raises ModelUnusable."""
        self.name = name
        self.transformer = _loaded(name)
        card = self.transformer.model_card_data
        self.fingerprint = fingerprint_of(name, getattr(card, "base_model_revision", None))

    def encode(self, texts: Sequence[str], kind: Kind = "query") -> Vectors:
        """Unit vectors; the model's own prompts for queries and documents are used when it has any."""
        encode = self.transformer.encode_query if kind == "query" else self.transformer.encode_document
        vectors = encode(list(texts), normalize_embeddings=True, show_progress_bar=False)
        return np.asarray(vectors, np.float32)


def _loaded(name: str) -> "SentenceTransformer":
    try:
        from sentence_transformers import SentenceTransformer  # only here: the service runs without it
    except ImportError as error:
        raise ModelUnusable(
            f"ANDA_KNOWLEDGE_MODEL is {name}, and sentence-transformers is not installed in this environment: run "
            "this with .venv/knowledge (`python3 -m backend.launch.install knowledge` makes it), or unset the "
            "setting to use the default model"
        ) from error
    try:
        return SentenceTransformer(name, device="cpu", model_kwargs={"dtype": "float32"})
    except (OSError, ValueError, KeyError, TypeError, RuntimeError, ImportError) as error:
        said = (str(error).strip().splitlines() or [""])[0][:200]
        raise ModelUnusable(
            f"ANDA_KNOWLEDGE_MODEL is {name}, which sentence-transformers cannot load. Name a folder that holds a "
            "model (modules.json beside its weights), the name of a model on a hub that this machine reaches, or "
            f"unset the setting to use the default model. It says: {type(error).__name__}: {said}"
        ) from error


def fingerprint_of(name: str, revision: str | None = None) -> str:
    """What tells a model from another one: the files of a folder, which another model may overwrite; else name and
    revision on the hub. Not the weights in memory: what a folder lacks is drawn by lot at each start."""
    if not Path(name).is_dir():
        return f"{name}@{revision}"
    digest = hashlib.sha256()
    for file in sorted(path for path in Path(name).rglob("*") if path.is_file()):
        with file.open("rb") as content:
            digest.update(f"{file.relative_to(name)} ".encode())
            digest.update(hashlib.file_digest(content, "sha256").digest())
    return digest.hexdigest()


def load_model(settings: Settings, workers: int = 1) -> SentenceModel:
    """The model that the settings name. Raises ModelUnusable."""
    if settings.knowledge_model:
        return NamedModel(settings.knowledge_model)
    try:
        return Encoder(settings.model_folder, workers)
    except FileNotFoundError as error:
        raise ModelUnusable(
            f"the sentence model is not in {settings.model_folder}; `python -m knowledge.make_model --out "
            f"{settings.model_folder.parent}` makes it"
        ) from error
