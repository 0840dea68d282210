"""`python -m backend.imports customers FILE`: import a table from the command line, with a progress bar."""

from __future__ import annotations

import asyncio
import logging
import os
import sys
from pathlib import Path
from typing import Annotated

import typer
from pydantic import ValidationError
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

import backend.models  # noqa: F401 - every table, so that references between areas resolve
from backend.claims.words import shown_name
from backend.core import clock
from backend.core.crypto import Vault
from backend.core.db import Database
from backend.core.logs import configure_logs
from backend.core.settings import Settings
from backend.imports import columns, rejections, sealed_file, service
from backend.imports.models import ImportKind, ImportMode, ImportRun, ImportState
from backend.imports.run import Importer, Order

app = typer.Typer(add_completion=False, no_args_is_help=True, help=__doc__)
console = Console(stderr=True)
File = Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="CSV or Excel (.xlsx)")]
AllOrNothing = Annotated[
    bool, typer.Option("--all-or-nothing/--keep-good", help="Load nothing unless all rows are good")
]
Source = Annotated[str, typer.Option(help="The system that customer numbers belong to")]
Report = Annotated[Path | None, typer.Option(help="Where to write the rows that were not taken (CSV)")]
Language = Annotated[str, typer.Option(help="Of texts: zh or en")]


def _settings() -> Settings:
    try:
        return Settings()
    except ValidationError as error:
        missing = ", ".join(f"ANDA_{'.'.join(map(str, entry['loc'])).upper()}" for entry in error.errors())
        sys.exit(f"Settings are missing or not valid: {missing}")


def _vault(settings: Settings) -> Vault:
    return Vault(settings.encryption_keys.get_secret_value())


async def _begin(settings: Settings, kind: ImportKind, mode: ImportMode, source: str, name: str) -> int:
    database = Database(settings.database_url, pool_size=1)
    try:
        async with database.session.begin() as session:
            run = await service.begin(session, kind, mode, source, shown_name(name), None, "command line")
            return run.id
    finally:
        await database.close()


async def _result(settings: Settings, run_id: int) -> ImportRun:
    database = Database(settings.database_url, pool_size=1)
    try:
        async with database.session() as session:
            return await service.get_run(session, run_id)
    finally:
        await database.close()


async def _write_report(settings: Settings, run_id: int, path: Path, language: str) -> None:
    database = Database(settings.database_url, pool_size=1)
    file = await asyncio.to_thread(path.open, "w", encoding="utf-8", newline="")
    try:
        async for line in service.report(database, _vault(settings), run_id, language):
            file.write(line)
    finally:
        file.close()
        await database.close()


def _import(
    kind: ImportKind, file: Path, all_or_nothing: bool, source: str, report: Path | None, language: str
) -> None:
    settings = _settings()
    mode = ImportMode.ALL_OR_NOTHING if all_or_nothing else ImportMode.KEEP_GOOD
    run_id = asyncio.run(_begin(settings, kind, mode, source, file.name))
    bar = Progress(
        TextColumn("{task.description}"), BarColumn(), TextColumn("{task.percentage:>3.0f} %"), TimeElapsedColumn(),
        console=console,
    )  # fmt: skip
    with bar, file.open("rb") as opened:
        task = bar.add_task(file.name, total=100)
        importer = Importer(
            settings.database_url,
            _vault(settings),
            settings.timezone,
            clock.today(settings.zone),
            lambda percent: bar.update(task, completed=percent),
        )
        state = importer.run(Order(run_id, kind, mode, source), opened, file.stat().st_size)
        bar.update(task, completed=100)
    _tell(asyncio.run(_result(settings, run_id)), language)
    if report is not None:
        asyncio.run(_write_report(settings, run_id, report, language))
    if state != ImportState.DONE:
        raise typer.Exit(1)


def _tell(run: ImportRun, language: str) -> None:
    counts = f"{run.added:,} added, {run.changed:,} changed, {run.unchanged:,} unchanged, {run.rejected:,} rejected"
    typer.echo(f"Import {run.id}: {run.state}; {counts}.")
    if run.error:
        code, _, about = run.error.partition(": ")
        typer.echo(f"{rejections.texts()[language].get(code, code)} {about}".strip(), err=True)


@app.command("customers")
def import_customers(
    file: File,
    all_or_nothing: AllOrNothing = True,
    source: Source = "core",
    report: Report = None,
    language: Language = "zh",
) -> None:
    """Import customers; those known by their number or document are changed where the table says otherwise."""
    _import(ImportKind.CUSTOMERS, file, all_or_nothing, source, report, language)


@app.command("policies")
def import_policies(
    file: File,
    all_or_nothing: AllOrNothing = True,
    source: Source = "core",
    report: Report = None,
    language: Language = "zh",
) -> None:
    """Import policies of known customers and products."""
    _import(ImportKind.POLICIES, file, all_or_nothing, source, report, language)


@app.command("claims")
def import_claims(
    file: File,
    all_or_nothing: AllOrNothing = True,
    source: Source = "core",
    report: Report = None,
    language: Language = "zh",
) -> None:
    """Import claims under known policies; customers get no notice of them."""
    _import(ImportKind.CLAIMS, file, all_or_nothing, source, report, language)


@app.command("template")
def print_template(kind: ImportKind, language: Language = "zh") -> None:
    """Print a table to fill in."""
    typer.echo(columns.template(kind, language), nl=False)


@app.command("run", hidden=True)
def run_uploaded(run_id: int) -> None:
    """Do an uploaded import; the worker calls this."""
    configure_logs("imports")
    os.nice(10)  # conversations go first
    settings = _settings()
    vault = _vault(settings)
    run = asyncio.run(_result(settings, run_id))
    if run.stored_name is None or run.state not in service.OPEN:
        return
    order = Order(run.id, ImportKind(run.kind), ImportMode(run.mode), run.source, run.rows_read)
    importer = Importer(settings.database_url, vault, settings.timezone, clock.today(settings.zone))
    with sealed_file.SealedFile(settings.data_dir, vault, run.stored_name) as file:
        state = importer.run(order, file, file.size)  # type: ignore[arg-type]
    logging.getLogger(__name__).info("import_finished", extra={"run": run_id, "state": state})


if __name__ == "__main__":
    app()
