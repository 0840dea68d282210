"""`python3 -m backend.launch.install NAME …` brings the named environments up to date.

Names: service; dev: what tests and checks need, into the same place; bot; model: what makes the sentence model, left
out when that is made; knowledge: what evaluates and fine-tunes it.
"""

from __future__ import annotations

import os
import shutil
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from backend.launch.install.environments import ENVIRONMENTS, Installer
from backend.launch.install.progress import Problem
from backend.launch.install.uv import get_uv, uv_environment
from backend.launch.model import is_made, model_folder

ROOT = Path(__file__).resolve().parents[3]


def main(names: list[str]) -> int:
    """Installs what is missing; returns the exit status."""
    started = time.monotonic()
    try:
        installers = _missing(names)
        if installers:
            _check_disk(installers)
            _install(installers)
            print(f"{'':>10} environments ready after {time.monotonic() - started:.0f} s", flush=True)
    except Problem as problem:
        print(f"\nAnda cannot be installed: {problem}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped; the next run goes on from here.", file=sys.stderr)
        return 130
    return 0


def _missing(names: list[str]) -> list[Installer]:
    if sys.version_info < (3, 8):
        raise Problem("this Python is too old to install with; say PYTHON=python3.11 after make")
    if sys.platform not in ("linux", "darwin"):
        raise Problem("Anda runs on Linux and macOS; on Windows use WSL")
    if is_made(model_folder(ROOT)):
        names = [name for name in names if name != "model"]
    unknown = [name for name in names if name not in ENVIRONMENTS]
    if unknown:
        raise Problem(f"there is no environment {', '.join(unknown)}; there are {', '.join(ENVIRONMENTS)}")
    uv_folder = ROOT / ".venv" / "uv"
    stale = [name for name in names if not Installer(ROOT, ENVIRONMENTS[name], "", {}).is_current]
    if not stale:
        return []
    uv = get_uv(uv_folder)
    return [Installer(ROOT, ENVIRONMENTS[name], uv, uv_environment(uv_folder)) for name in stale]


def _check_disk(installers: list[Installer]) -> None:
    fresh = [one.environment.gigabytes for one in installers if not (one.folder / "lib").exists()]
    needed = sum(fresh) + 0.5
    free = shutil.disk_usage(str(ROOT)).free / 1e9
    if free < needed:
        raise Problem(f"about {needed:.1f} GB of disk are needed below {ROOT}, and {free:.1f} GB are free")


def _install(installers: list[Installer]) -> None:
    """Side by side, but one after the other where two go into the same folder."""
    by_folder: dict[Path, list[Installer]] = {}
    for installer in installers:
        by_folder.setdefault(installer.folder, []).append(installer)
    with ThreadPoolExecutor(len(by_folder)) as pool:
        running = [pool.submit(_install_each, group) for group in by_folder.values()]
        try:
            for one in running:
                one.result()
        except (Problem, KeyboardInterrupt):
            for installer in installers:
                installer.stop()
            raise


def _install_each(installers: list[Installer]) -> None:
    for installer in installers:
        installer.install()


if __name__ == "__main__":
    os.chdir(str(ROOT))
    sys.exit(main(sys.argv[1:]))
