"""Gets uv by pip, and hands over to it what pip is told about where packages come from."""

from __future__ import annotations

import ast
import os
import shutil
import subprocess
import sys
from pathlib import Path

from backend.launch.install.progress import Problem, Progress

# pip's option -> uv's variable, and what joins several values there
_HANDED_OVER = {
    "index-url": ("UV_DEFAULT_INDEX", " "),
    "extra-index-url": ("UV_INDEX", " "),
    "find-links": ("UV_FIND_LINKS", ","),
    "trusted-host": ("UV_INSECURE_HOST", " "),
    "cert": ("SSL_CERT_FILE", " "),
    "timeout": ("UV_HTTP_TIMEOUT", " "),
    "default-timeout": ("UV_HTTP_TIMEOUT", " "),
    "proxy": ("ALL_PROXY", " "),
}


def get_uv(folder: Path) -> str:
    """Returns the path of a working uv, installed by pip into `folder` unless it is there. Raises Problem."""
    here = folder / "bin" / "uv"
    if _works(str(here)):
        return str(here)
    progress = Progress("uv")
    progress.say("installing uv, which installs everything else")
    shutil.rmtree(folder, ignore_errors=True)
    complaints = []
    for commands in _ways_to_install(folder):
        for command in commands:
            run = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
            if run.returncode != 0:
                complaints.append(run.stdout.decode(errors="replace").strip()[-600:])
                break
        if _works(str(here)):
            progress.end("uv is there")
            return str(here)
    progress.stop()
    on_path = shutil.which("uv")
    if on_path and _works(on_path):
        return on_path
    raise Problem(
        "uv could not be installed by pip. Look at pip's own words below; on Debian and Ubuntu, "
        "`apt-get install python3-venv` may be missing.\n" + "\n".join(complaints)
    )


def uv_environment(folder: Path) -> dict[str, str]:
    """Returns the environment for uv: ours, with pip's configuration (files and PIP_… variables) in uv's words.
    What is already said to uv itself stays."""
    environment = dict(os.environ)
    environment.pop(
        "PYTHONDONTWRITEBYTECODE", None
    )  # compiled modules make Rasa start in a fifth of the time
    environment.setdefault("UV_COMPILE_BYTECODE_TIMEOUT", "600")  # a busy machine may need minutes for a file
    environment.pop("VIRTUAL_ENV", None)
    for option, value in _pip_options(folder).items():
        variable, joint = _HANDED_OVER.get(option, ("", ""))
        if variable and value.strip():
            environment.setdefault(variable, joint.join(value.split()))
    if "UV_INDEX" in environment:
        environment.setdefault(
            "UV_INDEX_STRATEGY", "unsafe-best-match"
        )  # as pip itself: all indexes are equal
    return environment


def _ways_to_install(folder: Path) -> list[list[list[str]]]:
    python = sys.executable
    pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    by_venv = [[python, "-m", "venv", str(folder)], [str(folder / "bin" / "python"), *pip, "uv"]]
    by_target = [[python, *pip, "--upgrade", "--target", str(folder), "uv"]]
    return [by_venv, by_target]


def _works(uv: str) -> bool:
    try:
        return subprocess.run([uv, "--version"], stdout=subprocess.DEVNULL, check=False).returncode == 0
    except OSError:
        return False


def _pip_options(folder: Path) -> dict[str, str]:
    """pip's options as `pip config list` tells them: later sections win, the environment last."""
    options: dict[str, str] = {}
    for python in (str(folder / "bin" / "python"), sys.executable):
        try:
            run = subprocess.run(
                [python, "-m", "pip", "config", "list"],
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                check=False,
            )
        except OSError:
            continue
        if run.returncode == 0:
            lines = [line.partition("=") for line in run.stdout.decode().splitlines()]
            rank = {"global": 0, "install": 1, ":env:": 2}
            known = [
                (key.rpartition("."), value) for key, _, value in lines if key.rpartition(".")[0] in rank
            ]
            for (_, _, option), value in sorted(known, key=lambda entry: rank[entry[0][0]]):
                options[option.replace("_", "-")] = _unquoted(value)
            break
    return options


def _unquoted(value: str) -> str:
    try:
        return str(ast.literal_eval(value))
    except (ValueError, SyntaxError):
        return value
