"""The replies that the demo company's agents use often."""

from __future__ import annotations

from pathlib import Path

import yaml

from backend.core import clock
from backend.tickets.canned_api import CannedReplyWrite
from backend.tickets.models import CannedReply

FILE = Path(__file__).with_suffix(".yml")


def canned_rows() -> list[CannedReply]:
    """As supervisors would have written them; raises for an unknown variable."""
    written = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    return [
        CannedReply(**CannedReplyWrite(**one).model_dump(), changed_by=None, changed_at=clock.now())
        for one in written
    ]
