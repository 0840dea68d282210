"""One line a happening: what is being done, for which environment, and how long it has taken."""

from __future__ import annotations

import threading
import time


class Problem(Exception):
    """What keeps the installation from going on, and what to do about it; shown without a traceback."""


class Progress:
    """Prints lines of one environment, and one every 15 s while nothing else is heard of it."""

    SILENCE = 15.0
    _printing = threading.Lock()

    def __init__(self, name: str) -> None:
        self.name = name
        self._started = self._last = time.monotonic()
        self._doing = ""
        self._done = threading.Event()
        threading.Thread(target=self._break_silence, daemon=True).start()

    def say(self, what: str) -> None:
        """Prints `what` beside the seconds since this environment's beginning."""
        self._doing = what
        self._last = time.monotonic()
        with self._printing:
            print(f"{self.name:>10} {self._last - self._started:4.0f} s  {what}", flush=True)

    def end(self, what: str) -> None:
        """Prints the last line."""
        self._done.set()
        self.say(what)

    def stop(self) -> None:
        """Ends without a line."""
        self._done.set()

    def _break_silence(self) -> None:
        while not self._done.wait(1):
            if time.monotonic() - self._last >= self.SILENCE:
                self.say(self._doing if self._doing.startswith("still: ") else f"still: {self._doing}")
