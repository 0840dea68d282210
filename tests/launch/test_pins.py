import re
import sys
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SERVING = ("actions", "backend", "channels", "handoff")
IMPORT = re.compile(r"^\s*(?:import|from)\s+([A-Za-z_]\w*)", re.MULTILINE)
OURS = {*SERVING, "bot", "knowledge", "tests"}


def plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def pinned(file: str) -> set[str]:
    lines = (ROOT / "requirements" / file).read_text().splitlines()
    return {plain(line.partition("==")[0]) for line in lines}


def imported(folder: str) -> set[str]:
    """The outside modules that a folder's code imports, wherever in a file it does."""
    found = set()
    for file in (ROOT / folder).rglob("*.py"):
        found |= set(IMPORT.findall(file.read_text()))  # words of prose too, which no package is called
    return found - OURS - sys.stdlib_module_names


@pytest.mark.parametrize(
    ("folder", "files"),
    [
        *((folder, ["service.txt"]) for folder in SERVING),
        ("knowledge", ["service.txt", "knowledge.txt"]),
        ("bot", ["bot.txt"]),
    ],
)
def test_whatever_is_imported_is_pinned(folder: str, files: list[str]) -> None:
    packages = packages_distributions()
    known = {
        module: {plain(name) for name in packages[module]}
        for module in imported(folder)
        if module in packages
    }
    pins = set().union(*map(pinned, files))
    assert {module for module, names in known.items() if not names & pins} == set()
