"""Making the sentence model: reading 4-bit weights, choosing pieces, and never half a folder."""

import struct
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from knowledge import make_model
from knowledge.model import manifest
from knowledge.model.packed import PackedModel
from knowledge.model.pieces import is_kept_by_rule, kept_ids, listed_pieces


def packed_file(path: Path) -> Path:
    """A file of the wheel's format with four pieces, one 4-bit matrix and one vector."""
    pieces = ["<s>", "▁保险", "▁ру", "<mask>"]
    text = "".join(pieces).encode()
    ends = np.cumsum([0, *(len(piece.encode()) for piece in pieces)]).astype("<u4")
    block = np.float16(0.5).tobytes() + bytes([0x80 | low for low in range(16)])
    vector = np.array([1, 2], "<f4").tobytes()
    head = b"E5S1" + struct.pack("<I7ifi5i", 1, 32, 1, 1, 32, 4, 2, 1, 1e-12, 32, 4, 0, 0, 0, 0)
    vocabulary = struct.pack("<Q", len(text)) + ends.tobytes() + np.zeros(4, "<f4").tobytes() + text
    start = len(head) + len(vocabulary) + 8 + 4 + 2 * (2 + 1 + 21)
    names = b""
    for name, offset in (("m", start), ("v", start + len(block))):
        names += struct.pack("<H", 1) + name.encode() + struct.pack("<BIQQ", 1, 1, offset, 1)
    path.write_bytes(
        head + vocabulary + struct.pack("<iI", 0, 0) + struct.pack("<i", 2) + names + block + vector
    )
    return path


def test_four_bit_weights_are_unpacked(tmp_path: Path) -> None:
    model = PackedModel(packed_file(tmp_path / "m.bin"))
    values = model.weights("m", 1, 32)[0]
    assert values[:16].tolist() == [(low - 8) * 0.5 for low in range(16)]
    assert values[16:].tolist() == [0.0] * 16
    assert model.floats("v", 2).tolist() == [1, 2]


def test_the_special_pieces_are_kept_and_foreign_ones_are_not(tmp_path: Path) -> None:
    model = PackedModel(packed_file(tmp_path / "m.bin"))
    assert kept_ids(model, []) == [0, 1, 3]
    assert kept_ids(model, ["▁ру"]) == [0, 1, 2, 3]


def test_another_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "other").write_bytes(b"GGUF" + bytes(64))
    with pytest.raises(ValueError, match="not a 4-bit E5 file"):
        PackedModel(tmp_path / "other")


@pytest.mark.parametrize("piece", ["▁", "险", "▁重疾險", "a", "ab", "▁7", "℃", "。", "①"])
def test_pieces_kept_by_rule(piece: str) -> None:
    assert is_kept_by_rule(piece)


@pytest.mark.parametrize("piece", ["▁привет", "の", "한", "▁insurance", "é"])
def test_pieces_not_kept_by_rule(piece: str) -> None:
    assert not is_kept_by_rule(piece)


def test_the_product_words_are_in_the_list() -> None:
    assert {"▁insurance", "▁claim"} <= listed_pieces()


def test_a_model_that_differs_leaves_the_folder_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def other(folder: Path) -> None:
        (folder / "onnx").mkdir()
        (folder / "onnx" / "model.onnx").write_bytes(b"other")

    monkeypatch.setattr(make_model, "make", other)
    out = tmp_path / "models" / "m"
    monkeypatch.setattr(sys, "argv", ["make_model", "--out", str(out)])
    assert make_model.main() == 1
    assert "differ" in capsys.readouterr().out
    assert not out.exists()
    assert list((tmp_path / "models").iterdir()) == []


def test_a_damaged_folder_is_not_intact(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "onnx").mkdir()
    model = tmp_path / "onnx" / "model.onnx"
    model.write_bytes(b"weights")
    monkeypatch.setattr(manifest, "PINNED", {"onnx/model.onnx": manifest.sha256(model)})
    manifest.write_manifest(tmp_path, manifest.PINNED)
    assert manifest.is_intact(tmp_path)
    model.write_bytes(b"weightz")
    assert not manifest.is_intact(tmp_path)


def test_serving_loads_neither_torch_nor_sentence_transformers() -> None:
    script = (
        "import sys, knowledge.app, knowledge.build_index;"
        "sys.exit(' '.join({'torch', 'sentence_transformers', 'onnx', 'transformers'} & set(sys.modules)) or 0)"
    )
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert (run.returncode, run.stderr.strip()) == (0, "")
