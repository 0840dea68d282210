"""`python -m tests.bench [name…]` (`make bench`): one table for each tests/bench/bench_<name>.py."""

from __future__ import annotations

import importlib
import os
import platform
import sys
from pathlib import Path

from rich.console import Console
from rich.table import Table

from tests.bench.frame import Product, Row

FOLDER = Path(__file__).parent


def names() -> list[str]:
    """The benches that there are."""
    return sorted(path.stem.removeprefix("bench_") for path in FOLDER.glob("bench_*.py"))


def show(console: Console, name: str, purpose: str, rows: list[Row]) -> None:
    """Print one bench's table."""
    table = Table(title=f"{name}: {purpose}", title_justify="left")
    for heading in ("", "ours", "beside", "ratio", "goal", ""):
        table.add_column(heading)
    for row in rows:
        met = {True: "[green]met[/green]", False: "[red]missed[/red]", None: ""}[row.is_met]
        ratio = f"{row.ratio:.2f}" if row.ratio is not None else ""
        table.add_row(row.name, row.ours, row.beside, ratio, row.goal, met)
    console.print(table)


def main() -> int:
    """Run the benches named, or all; 1 when a goal was missed, 2 for a name that is none."""
    console = Console(width=None if sys.stdout.isatty() else 150)
    wanted = sys.argv[1:] or names()
    if unknown := set(wanted) - set(names()):
        console.print(f"there is no bench {', '.join(sorted(unknown))}; there are: {', '.join(names())}")
        return 2
    load = os.getloadavg()[0]
    console.print(f"{platform.machine()}, {os.cpu_count()} cores, load before the run {load:.1f}")
    is_met = True
    product = Product()
    try:
        for name in wanted:
            module = importlib.import_module(f"tests.bench.bench_{name}")
            rows = module.run(product)
            show(console, name, (module.__doc__ or "").strip().splitlines()[0], rows)
            is_met = is_met and not any(row.is_met is False for row in rows)
    finally:
        product.close()
    return 0 if is_met else 1


if __name__ == "__main__":
    sys.exit(main())
