"""Shows a start: what is being done, how far it is, how long it took; plain lines where there is no terminal."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn


class Display:
    """Prints finished steps as lines and, on a terminal, the running ones below them with a clock each."""

    PLAIN_EVERY = 5.0  # seconds between two lines of one running step where there is no terminal
    PLAIN_AGAIN = 20.0  # and before the same line is said again

    def __init__(self) -> None:
        self.console = Console(highlight=False, soft_wrap=True, markup=False, emoji=False)
        columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
        self._live = Progress(*columns, console=self.console, transient=True)
        self._started = time.monotonic()

    def line(self, text: str) -> None:
        """Prints one line with the seconds since the start."""
        self.console.print(f"{time.monotonic() - self._started:6.1f} s  {text}")

    def open(self) -> None:
        """Begins to show running steps."""
        if self.console.is_terminal:
            self._live.start()

    def close(self) -> None:
        """Ends showing running steps; finished ones stay."""
        if self.console.is_terminal:
            self._live.stop()

    @contextmanager
    def step(self, what: str) -> "Iterator[Step]":
        """Shows `what` as running until the block ends, and then how long it took."""
        step = Step(self, what, self._live.add_task(what, total=None))
        try:
            yield step
        finally:
            self._live.remove_task(step.task)
        self.line(f"{what}: {step.outcome or 'done'} ({step.seconds:.1f} s)")


class Step:
    """One running step."""

    def __init__(self, display: Display, what: str, task: TaskID) -> None:
        self.task = task
        self.outcome = ""
        self._said = ""
        self._display = display
        self._what = what
        self._started = self._last_line = time.monotonic()

    @property
    def seconds(self) -> float:
        """Since the step began."""
        return time.monotonic() - self._started

    def say(self, how_far: str) -> None:
        """Shows how far the step is."""
        self._display._live.update(self.task, description=f"{self._what}: {how_far[:100]}")
        pause = Display.PLAIN_EVERY if how_far != self._said else Display.PLAIN_AGAIN
        is_due = time.monotonic() - self._last_line >= pause
        if not self._display.console.is_terminal and is_due:
            self._last_line, self._said = time.monotonic(), how_far
            self._display.line(f"{self._what}: {how_far}")
