"""`python -m tests.faults` (`make faults`): the whole run, in a product of its own, with a report at the end."""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
import time
from pathlib import Path

from rich.console import Console
from rich.table import Table

from tests.faults.product import fault_product, remove
from tests.faults.run import SHORT, WHOLE, FaultRun
from tests.faults.verdict import Verdict


def report(console: Console, run: FaultRun, verdict: Verdict) -> None:
    """Print what was done to the product and what became of every message."""
    table = Table(title=f"fault run, {run.seconds:.0f} s", title_justify="left")
    table.add_column("what")
    table.add_column("count", justify="right")
    for name, count in sorted(run.trouble.killed.items()):
        table.add_row(f"kill -9 of {name}", str(count))
    for name, count in sorted(run.trouble.hit.items()):
        table.add_row(f"died at {name}", str(count))
    for name, count in verdict.counts.items():
        table.add_row(name, str(count))
    console.print(table)
    for sentence in verdict.wrong[:50]:
        console.print(f"[red]{sentence}[/red]", highlight=False)
    console.print("passed" if verdict.is_good else f"FAILED: {len(verdict.wrong)} things are wrong")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("--short", action="store_true", help="the size that make test runs")
    parser.add_argument("--seed", type=int, default=int(time.time()) % 10_000)
    options = parser.parse_args()
    console = Console()
    console.print(f"seed {options.seed}")
    folder = Path(tempfile.mkdtemp(prefix="anda-faults-"))
    product, points = fault_product(folder)
    try:
        product.start()
        run = FaultRun(product, points, SHORT if options.short else WHOLE, options.seed, console.print)
        verdict = asyncio.run(run.run())
    finally:
        product.stop()
    report(console, run, verdict)
    if verdict.is_good:
        remove(product, folder)
    else:
        console.print(f"logs and data are kept in {folder}")
    return 0 if verdict.is_good else 1


if __name__ == "__main__":
    sys.exit(main())
