"""How the tests start Chromium: Debian's own, headless, and quiet towards the network."""

from __future__ import annotations

import shutil

FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)


def chromium() -> str:
    """Where it is; raises FileNotFoundError with what to do when it is missing."""
    path = shutil.which("chromium") or shutil.which("google-chrome")
    if path is None:
        raise FileNotFoundError("Chromium is missing; `make test` installs it on Debian, as root")
    return path
