"""`python -m backend.launch COMMAND`. up: starts the demo. run: starts the product from its settings. prepare: makes
the models and the index only. train: trains the bot, changed or not. rollback: takes the bot's model before.
backup FILE, restore FILE: the whole database and the customers' files, in one file."""

import argparse
import asyncio
import os
import signal
import sys
from pathlib import Path

from backend.launch.backup import back_up, restore
from backend.launch.display import Display
from backend.launch.folders import FolderInUse
from backend.launch.install.progress import Problem
from backend.launch.ports import check_ports
from backend.launch.postgres import PostgresFailed
from backend.launch.preparation import Preparation
from backend.launch.settings import ROOT, Launch, read_places, read_settings
from backend.launch.supervisor import Supervisor, run_until_stopped
from backend.launch.valkey import ValkeyFailed

_DOINGS = {
    "up": "Starting Anda",
    "run": "Starting Anda",
    "prepare": "Preparing Anda's models",
    "train": "Training the bot",
    "rollback": "Going back to the bot's model before",
    "backup": "The backup",
    "restore": "The restore",
}


def main() -> int:
    """Starts, and returns the exit status when everything has stopped again."""
    parser = argparse.ArgumentParser(prog="python -m backend.launch", description=__doc__)
    parser.add_argument("command", choices=tuple(_DOINGS))
    parser.add_argument(
        "file", nargs="?", type=lambda name: Path(name).absolute(), help="of backup and restore"
    )
    parser.add_argument("--replace", action="store_true", help="restore: in place of the data that are there")
    parser.add_argument("--force", action="store_true", help="train: take the new model even if it is worse")
    given = parser.parse_args()
    command: str = given.command
    if (given.file is None) == (command in ("backup", "restore")):
        parser.error("backup and restore take a file, the other commands none")
    os.chdir(ROOT)
    status = 0
    try:
        if command in ("train", "rollback"):  # beside the product, running or not: no secret is needed
            return asyncio.run(_change_model(read_places(), command, force=given.force))
        launch = read_places() if given.file else read_settings(demo=command != "run")
        _do(command, launch, given.file, replace=given.replace)
    except* (Problem, FolderInUse, PostgresFailed, ValkeyFailed, OSError) as problems:
        print(f"\n{_DOINGS[command]} failed: {_innermost(problems)}", file=sys.stderr, flush=True)
        status = 1
    return status


def _do(command: str, launch: Launch, file: Path, *, replace: bool) -> None:
    if command == "backup":
        back_up(launch, Display(), file)
    elif command == "restore":
        restore(launch, Display(), file, replace=replace)
    else:
        serves = command in ("up", "run")
        asyncio.run(_serve(launch, Display()) if serves else _prepare(launch, Display()))


async def _serve(launch: Launch, display: Display) -> None:
    supervisor = Supervisor(launch, display)
    supervisor.take_data_folder()
    check_ports(launch)
    stopped = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(number, _on_signal, display, stopped)
    display.open()
    try:
        await run_until_stopped(supervisor, stopped, _start_and_watch(supervisor, launch, display))
    finally:
        display.close()
    display.line("everything has stopped")


async def _prepare(launch: Launch, display: Display) -> None:
    (launch.data_folder / "logs").mkdir(mode=0o700, parents=True, exist_ok=True)
    prepare = Preparation(launch, display)
    display.open()
    try:
        await prepare.make_model()
        await prepare.build_index()
        await prepare.train_bot()
    finally:
        display.close()


async def _change_model(launch: Launch, command: str, *, force: bool) -> int:
    """The bot's own words are the answer, and its exit status tells whether the model was changed."""
    (launch.data_folder / "logs").mkdir(mode=0o700, parents=True, exist_ok=True)
    display = Display()
    prepare = Preparation(launch, display)
    if command == "rollback":
        return await prepare.tell_bot("rollback")
    display.open()
    try:
        await prepare.make_model()
    finally:
        display.close()
    return await prepare.tell_bot("train", "--force" if force else "--again")


async def _start_and_watch(supervisor: Supervisor, launch: Launch, display: Display) -> None:
    await supervisor.start()
    display.close()
    display.line(f"ready\n{_addresses(launch)}")
    await supervisor.watch()


def _on_signal(display: Display, stopped: asyncio.Event) -> None:
    if stopped.is_set():
        return
    display.line("stopping: messages in work are finished first")
    stopped.set()


def _addresses(launch: Launch) -> str:
    pages = {"web chat": "/", "agent console": "/console", "API docs": "/docs"}
    pages |= {"phone simulator": "/simulator"} if launch.is_demo else {}
    lines = [f"  {name:<16} {launch.url}{path}" for name, path in pages.items()]
    return "\n".join([*lines, f"  {'logs':<16} {launch.data_folder / 'logs'}", "  Ctrl-C stops all of it."])


def _innermost(problem: BaseException) -> BaseException:
    while isinstance(problem, BaseExceptionGroup):
        problem = problem.exceptions[0]
    return problem


if __name__ == "__main__":
    sys.exit(main())
