"""`make train` and `make rollback` beside the product, running or not."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from backend.launch.processes import BOT_PYTHON
from tests.conftest import ROOT


@pytest.mark.skipif(not BOT_PYTHON.exists(), reason="needs the bot's environment")
def test_going_back_without_an_earlier_model_says_so_and_needs_no_secret(tmp_path: Path) -> None:
    settings = {"PATH": os.environ["PATH"], "ANDA_DATA_DIR": str(tmp_path), "ANDA_HOST": "0.0.0.0"}
    command = [sys.executable, "-m", "backend.launch", "rollback"]
    done = subprocess.run(command, cwd=ROOT, env=settings, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (1, "")
    assert "there is no earlier model to go back to" in done.stdout
