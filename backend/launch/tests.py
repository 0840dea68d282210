"""`python -m backend.launch.tests` runs everything that CI tests, the quick ones first, and sums up."""

import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from backend.launch.processes import BOT_PYTHON, SERVICE_PYTHON
from backend.launch.settings import ROOT

# Rasa holds its environment at an old pytest: its tests have a configuration of their own and share no conftest.
_BOT_OPTIONS = ("-c", "tests/bot/pytest.ini")


@dataclass(frozen=True)
class Suite:
    """One run of pytest."""

    name: str
    python: Path
    arguments: tuple[str, ...]


SUITES = (
    # Each of the two has servers of its own; a file's tests stay together.
    Suite("unit and HTTP", SERVICE_PYTHON, ("-n", "2", "--dist", "loadfile", "tests")),
    Suite("bot", BOT_PYTHON, (*_BOT_OPTIONS, "tests/bot")),
    Suite("in the browser", SERVICE_PYTHON, ("tests/e2e",)),
    Suite("faults", SERVICE_PYTHON, ("tests/faults",)),
)
_NO_TESTS = 5  # pytest's status when a folder holds none


def main() -> int:
    """Runs every suite, prints how each ended, and returns 1 when one failed."""
    results = []
    for suite in SUITES:
        if (ROOT / suite.arguments[-1]).is_dir():
            print(f"\n=== {suite.name}", flush=True)
            started = time.monotonic()
            # The tests bring their own settings; a developer's must not change what they mean.
            environment = {name: value for name, value in os.environ.items() if not name.startswith(_OURS)}
            command = [str(suite.python), "-m", "pytest", "-q", *suite.arguments]
            status = subprocess.run(command, cwd=ROOT, env=environment).returncode
            results.append((suite.name, status, time.monotonic() - started))
    print()
    for name, status, seconds in results:
        print(f"{name:<16} {'passed' if status in (0, _NO_TESTS) else 'FAILED'} in {seconds:.0f} s")
    return 0 if all(status in (0, _NO_TESTS) for _, status, _ in results) else 1


_OURS = ("ANDA_", "TWILIO_", "WECHAT_")

if __name__ == "__main__":
    sys.exit(main())
