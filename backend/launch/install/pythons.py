"""Finds a Python of a wanted version by running candidates: a pyenv shim may exist and still refuse to run."""

from __future__ import annotations

import glob
import os
import shutil
import subprocess
import sys
from typing import Iterator

_PLACES = ("/usr/local/bin", "/usr/bin", "/opt/homebrew/bin", "~/.local/bin", "~/.pyenv/shims")


def find_python(versions: tuple[str, ...]) -> str | None:
    """Returns the path of a Python of the first of `versions` ("3.11") that there is, else None."""
    for version in versions:
        for candidate in _candidates(version):
            path = _runs_as(candidate, version)
            if path is not None:
                return path
    return None


def _candidates(version: str) -> Iterator[str]:
    yield sys.executable
    names = (f"python{version}", "python3", "python")
    for name in names:
        on_path = shutil.which(name)
        if on_path:
            yield on_path
    for root in filter(None, (os.environ.get("PYENV_ROOT"), os.path.expanduser("~/.pyenv"))):
        yield from sorted(
            glob.glob(os.path.join(glob.escape(root), "versions", f"{version}.*", "bin", "python3"))
        )
    for place in _PLACES:
        yield os.path.join(os.path.expanduser(place), f"python{version}")


def _runs_as(candidate: str, version: str) -> str | None:
    """The real path of `candidate` when it runs and is of `version`; a virtual environment's base, not itself."""
    script = (
        "import sys; print('%d.%d' % sys.version_info[:2]); "
        "print(getattr(sys, '_base_executable', sys.executable))"
    )
    try:
        run = subprocess.run(
            [candidate, "-c", script],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=30,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    lines = run.stdout.decode(errors="replace").splitlines()
    return lines[1] if run.returncode == 0 and lines[:1] == [version] else None
