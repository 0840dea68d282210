"""Turns texts into unit vectors with the ONNX model: onnxruntime, tokenizers and numpy, nothing else."""

import json
from collections.abc import Sequence
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

    def __init__(self, folder: Path, threads: int = 1) -> None:
        manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
        self.name: str = manifest["name"]
        self.dimension: int = manifest["dimension"]
        self.fingerprint: str = manifest["files"]["model.onnx"]
        self._prefixes: dict[str, str] = manifest["prefixes"]
        self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._tokenizer.enable_truncation(manifest["max_tokens"])
        self._tokenizer.enable_padding(pad_id=manifest["pad_id"])
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        self._session = onnxruntime.InferenceSession(
            str(folder / "model.onnx"), options, providers=["CPUExecutionProvider"]
        )

    def encode(self, texts: Sequence[str], kind: Kind = "query", batch_size: int = 16) -> Vectors:
        """Unit vectors, shape (number of texts, dimension); a dot product of two is their cosine.

        `kind` says what the texts are: the model was trained with questions and passages marked apart.
        """
        vectors = np.zeros((len(texts), self.dimension), np.float32)
        # Texts of like length go together, so that little padding is computed.
        order = sorted(range(len(texts)), key=lambda i: len(texts[i]))
        for start in range(0, len(order), batch_size):
            batch = order[start : start + batch_size]
            vectors[batch] = self._encode_batch([self._prefixes[kind] + texts[i] for i in batch])
        return vectors

    def _encode_batch(self, texts: list[str]) -> Vectors:
        encoded = self._tokenizer.encode_batch(texts)
        inputs = {
            "input_ids": np.array([one.ids for one in encoded], np.int64),
            "attention_mask": np.array([one.attention_mask for one in encoded], np.int64),
        }
        result: Vectors = self._session.run(["vector"], inputs)[0]
        return result
