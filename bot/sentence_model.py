"""The sentence model (multilingual e5, ONNX int8) as the bot uses it; the folder is described in docs/knowledge.md."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np
import onnxruntime
from tokenizers import Tokenizer

NAME = "e5-small-zh-en"
"""Pinned here, apart from the model that knowledge search uses."""
_BATCH = 16


class SentenceModelMissing(Exception):
    """The model has not been made."""


def folder() -> Path:
    """Return the model's folder below ANDA_DATA_DIR."""
    return Path(os.environ.get("ANDA_DATA_DIR") or "var").resolve() / "models" / NAME / "onnx"


def fingerprint() -> str:
    """Return what tells this model from another one. Raises SentenceModelMissing."""
    try:
        return (folder() / "manifest.json").read_text("utf-8")
    except OSError as error:
        raise SentenceModelMissing(
            "the sentence model is missing: python -m knowledge.make_model makes it"
        ) from error


class SentenceModel:
    """Turns texts into unit vectors."""

    def __init__(self, path: Path) -> None:
        """Load the model from its folder."""
        manifest = json.loads((path / "manifest.json").read_text("utf-8"))
        self.dimension: int = manifest["dimension"]
        self._prefix: str = manifest["prefixes"]["query"]
        self._tokenizer = Tokenizer.from_file(str(path / "tokenizer.json"))
        self._tokenizer.enable_truncation(min(128, manifest["max_tokens"]))
        self._tokenizer.enable_padding(pad_id=manifest["pad_id"])
        options = onnxruntime.SessionOptions()
        # More threads gain one sentence nothing and wait for each other by spinning, at every neighbour's cost.
        options.intra_op_num_threads = 1
        self._session = onnxruntime.InferenceSession(
            str(path / "model.onnx"), options, providers=["CPUExecutionProvider"]
        )

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        """Return one vector a text, shape (number of texts, dimension)."""
        vectors = np.zeros((len(texts), self.dimension), np.float32)
        order = sorted(range(len(texts)), key=lambda index: len(texts[index]))
        for start in range(0, len(order), _BATCH):
            batch = order[start : start + _BATCH]
            encoded = self._tokenizer.encode_batch([self._prefix + texts[index] for index in batch])
            inputs = {
                "input_ids": np.array([one.ids for one in encoded], np.int64),
                "attention_mask": np.array([one.attention_mask for one in encoded], np.int64),
            }
            vectors[batch] = self._session.run(["vector"], inputs)[0]
        return vectors


@lru_cache(maxsize=1)
def sentence_model() -> SentenceModel:
    """Return the model, loaded once. Raises SentenceModelMissing."""
    fingerprint()
    return SentenceModel(folder())
