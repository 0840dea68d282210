"""What a finished model folder holds, and how its integrity is checked without loading it."""

import hashlib
import json
from pathlib import Path

NAME = "e5-small-zh-en"
DIMENSION = 384
MAX_TOKENS = 512

# SHA-256 of what `python -m knowledge.make_model` must produce. They change with the list of pieces, with the format
# of the folder, or with a new version of onnx or onnxruntime; then `--accept` prints the new ones.
PINNED: dict[str, str] = {
    "st/model.safetensors": "616c05b86b8ffb75ef9e7e50162ad26de4e32a7ec94a480c01f96ddfaf6c81f5",
    "st/tokenizer.json": "aad8c855a4307dbf27c9ebe5d7fb0c476fa0c551c5ffb1add1db93432af164cc",
    "onnx/model.onnx": "e006ca85724572763de569e0b3228283c8e08798b8d34ff2dc205ba0c919d9e4",
    "onnx/tokenizer.json": "aad8c855a4307dbf27c9ebe5d7fb0c476fa0c551c5ffb1add1db93432af164cc",
}


def sha256(path: Path) -> str:
    """Hex digest of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def hashes(folder: Path) -> dict[str, str]:
    """Digests of the pinned files as they are in `folder`; a missing file has the digest `missing`."""
    return {name: sha256(folder / name) if (folder / name).is_file() else "missing" for name in PINNED}


def is_intact(folder: Path) -> bool:
    """Whether the folder holds exactly the pinned model."""
    return (folder / "onnx" / "manifest.json").is_file() and hashes(folder) == PINNED


def write_manifest(folder: Path, files: dict[str, str]) -> None:
    """Writes `onnx/manifest.json`, from which an encoder learns how to use the two files beside it."""
    content = {
        "name": NAME,
        "dimension": DIMENSION,
        "max_tokens": MAX_TOKENS,
        "prefixes": {"query": "query: ", "passage": "passage: "},
        "pad_id": 1,
        "files": {Path(name).name: digest for name, digest in files.items() if name.startswith("onnx/")},
    }
    (folder / "onnx" / "manifest.json").write_text(json.dumps(content, indent=1) + "\n", "utf-8")
