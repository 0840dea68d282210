"""Child processes that never outlive the process that started them."""

import ctypes
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


def dies_with_parent(death_signal: signal.Signals = signal.SIGTERM) -> Callable[[], None]:
    """Returns a `preexec_fn` by which the kernel sends `death_signal` to the child when its parent dies, kill -9
    included. The kernel watches the forking thread: start children from a thread that lives as long as they do.
    Elsewhere than on Linux it does nothing."""
    parent = os.getpid()

    def set_death_signal() -> None:
        if _libc is None:
            return
        _libc.prctl(_PR_SET_PDEATHSIG, int(death_signal))
        if os.getppid() != parent:  # the parent died between fork and prctl
            os._exit(1)

    return set_death_signal


def is_running(pid: int, marker: str) -> bool:
    """Tells whether `pid` lives and its command line holds `marker`, so that a reused pid is not taken for ours."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    try:
        return os.fsencode(marker) in Path(f"/proc/{pid}/cmdline").read_bytes()
    except FileNotFoundError:
        return sys.platform != "linux"
