"""Turns texts into unit vectors with the ONNX model: onnxruntime, tokenizers and numpy, nothing else."""

import json
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Literal, TypeAlias

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from tokenizers import Tokenizer

Vectors: TypeAlias = NDArray[np.float32]
Kind = Literal["query", "passage"]


class Encoder:
    """The sentence model in a folder with `model.onnx`, `tokenizer.json` and `manifest.json` (docs/knowledge.md)."""

    def __init__(self, folder: Path, workers: int = 1) -> None:
        manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
        self.name: str = manifest["name"]
        self.dimension: int = manifest["dimension"]
        self.fingerprint: str = manifest["files"]["model.onnx"]
        self._prefixes: dict[str, str] = manifest["prefixes"]
        self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._tokenizer.enable_truncation(manifest["max_tokens"])
        self._workers = workers
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        self._session = onnxruntime.InferenceSession(
            str(folder / "model.onnx"), options, providers=["CPUExecutionProvider"]
        )

    def encode(self, texts: Sequence[str], kind: Kind = "query") -> Vectors:
        """Unit vectors, shape (number of texts, dimension); a dot product of two is their cosine.

        `kind` says what the texts are: the model was trained with questions and passages marked apart.
        """
        vectors = np.zeros((len(texts), self.dimension), np.float32)
        marked = [self._prefixes[kind] + text for text in texts]
        if len(marked) == 1 or self._workers == 1:
            for i, text in enumerate(marked):
                vectors[i] = self._encode(text)
        else:
            with ThreadPoolExecutor(self._workers) as pool:
                for i, vector in enumerate(pool.map(self._encode, marked)):
                    vectors[i] = vector
        return vectors

    def _encode(self, text: str) -> Vectors:
        """One text a run: without padding this takes less time than a batch, and depends on no other text."""
        encoded = self._tokenizer.encode(text)
        inputs = {
            "input_ids": np.array([encoded.ids], np.int64),
            "attention_mask": np.array([encoded.attention_mask], np.int64),
        }
        result: Vectors = self._session.run(["vector"], inputs)[0][0]
        return result
