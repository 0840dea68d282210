"""`python3 -m backend.launch.install.pins` compiles requirements/*.txt from the groups in pyproject.toml."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from backend.launch.install.progress import Problem
from backend.launch.install.uv import get_uv, uv_environment

ROOT = Path(__file__).resolve().parents[3]
# A torch's own build (+cpu) and CUDA's packages are chosen where it is installed.
_CHOSEN_LATER = re.compile(r"(nvidia-|cuda-|triton==)")


@dataclass(frozen=True)
class Pins:
    """A requirement file and the group it pins."""

    name: str
    group: str
    python: str
    options: tuple[str, ...] = ()


ALL = (
    Pins("service", "service", "3.11"),
    Pins("dev", "lint", "3.11", ("--constraint", "requirements/service.txt")),
    Pins("model", "model", "3.11"),
    Pins("knowledge", "knowledge", "3.11", ("--constraint", "requirements/model.txt")),
    Pins("bot", "bot", "3.10", ("--override", "requirements/bot-overrides.txt")),
)


def main(names: list[str]) -> int:
    """Compiles the files named, or all; returns the exit status."""
    try:
        uv_folder = ROOT / ".venv" / "uv"
        uv, environment = get_uv(uv_folder), uv_environment(uv_folder)
        for pins in ALL:
            if not names or pins.name in names:
                print(f"requirements/{pins.name}.txt: {_compile(pins, uv, environment)} packages", flush=True)
    except Problem as problem:
        print(f"\nThe requirement files cannot be compiled: {problem}", file=sys.stderr)
        return 1
    return 0


def _compile(pins: Pins, uv: str, environment: dict[str, str]) -> int:
    command = [
        uv,
        "pip",
        "compile",
        "--quiet",
        "--upgrade",
        "--group",
        pins.group,
        "--python-version",
        pins.python,
    ]
    command += ["--no-header", "--no-annotate", "--no-emit-index-url", "--no-emit-find-links", *pins.options]
    run = subprocess.run(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment, check=False
    )
    if run.returncode != 0:
        raise Problem(run.stderr.decode(errors="replace").strip())
    lines = [line for line in run.stdout.decode().splitlines() if not _CHOSEN_LATER.match(line)]
    lines = [re.sub(r"^(torch==[0-9.]+)\+\w+", r"\1", line) for line in lines]
    (ROOT / "requirements" / f"{pins.name}.txt").write_text("".join(f"{line}\n" for line in lines))
    return len(lines)


if __name__ == "__main__":
    os.chdir(str(ROOT))
    sys.exit(main(sys.argv[1:]))
