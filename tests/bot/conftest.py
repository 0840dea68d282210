"""Tests of bot/ run in Rasa's environment: `.venv/bot/bin/python -m pytest -c tests/bot/pytest.ini tests/bot`."""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))
sys.path.insert(0, str(Path(__file__).parent))

from bot.quiet import configure_logging, prepare_environment  # noqa: E402

prepare_environment()
configure_logging()
