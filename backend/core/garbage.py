"""The garbage collector of a process that runs for long."""

from __future__ import annotations

import gc


def leave_out_what_is_loaded() -> None:
    """What was loaded at the start stays until the end: looking through it at every pass costs a tenth of a turn."""
    gc.collect()
    gc.freeze()
