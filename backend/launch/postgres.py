"""A PostgreSQL server of our own, without a system service: the binaries that a wheel carries."""

import os
import shutil
import signal
import subprocess
import time
from pathlib import Path
from typing import IO
from urllib.parse import quote

import psycopg

from backend.launch.children import dies_with_parent, is_running
from backend.launch.folders import remove_socket_folder, socket_folder, take_lock
from backend.launch.unprivileged import Account, as_myself, home_for

START_SECONDS = 60.0
STOP_SECONDS = 30.0
_THROW_AWAY = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")


class PostgresFailed(Exception):
    """The server could not be set up or started; the message holds the end of its log."""


class EmbeddedPostgres:
    """Keeps a PostgreSQL server on a Unix socket with its data in `folder`.

    It dies with this process, kill -9 included, and recovers at the next start. Only the owner of this process (and
    root) reaches the socket. As root the server runs as an account of its own; where that account cannot get at
    `folder`, the data lies in a folder of ours elsewhere, which `data` names and `folder`/location remembers.
    `durable=False` trades safety against a power cut for speed (tests), and `stop` then removes the data.
    """

    def __init__(self, folder: Path, *, durable: bool = True) -> None:
        self.folder = Path(folder).absolute()
        self.durable = durable
        self.process: subprocess.Popen[bytes] | None = None
        self._lock: IO[str] | None = None
        self._home = self.folder
        self._account: Account = as_myself()
        self._binaries = Path()

    @property
    def data(self) -> Path:
        """The cluster's data folder; known after `start`."""
        return self._home / "data"

    @property
    def sockets(self) -> Path:
        """The folder of the socket, for libpq's `host`; known after `start`."""
        return socket_folder(self._home)

    @property
    def dsn(self) -> str:
        """The libpq URL of the database `anda`."""
        return f"postgresql://anda@/anda?host={quote(str(self.sockets))}"

    def start(self) -> None:
        """Starts the server, made anew when there is no data yet; returns when the database `anda` accepts
        connections. Raises FolderInUse or PostgresFailed."""
        self.folder.mkdir(parents=True, exist_ok=True)
        if self._lock is None:
            self._lock = take_lock(self.folder)
        self._home, self._account, self._binaries = home_for(self.folder, durable=self.durable)
        self._stop_orphan()
        if not self.data.exists():
            self._make_cluster()
        self._launch()
        self._wait_until_ready()
        self._make_database()

    def find(self) -> None:
        """Looks up where the server that another process keeps for `folder` is, so that `dsn` names it."""
        self._home, self._account, self._binaries = home_for(self.folder, durable=self.durable)

    def stop(self) -> None:
        """Stops the server (open transactions roll back) and gives the folder free."""
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            try:
                self.process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self.process.send_signal(signal.SIGQUIT)
                self.process.wait()
        if self._lock is not None:
            remove_socket_folder(self._home)
        if not self.durable:
            shutil.rmtree(self._home, ignore_errors=True)
            shutil.rmtree(self.folder, ignore_errors=True)
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def _make_cluster(self) -> None:
        fresh = (
            self._home / "data.new"
        )  # renamed when complete: an interrupted initdb leaves nothing half-made
        shutil.rmtree(fresh, ignore_errors=True)
        options = ["--auth=trust", "--encoding=UTF8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        options += ["--locale=C", "--username=anda"] + ([] if self.durable else ["--no-sync"])
        made = subprocess.run(
            [str(self._binaries / "initdb"), "-D", str(fresh), *options],
            capture_output=True,
            text=True,
            cwd="/",
            **self._account.identity,
        )
        if made.returncode != 0:
            raise PostgresFailed(
                f"the embedded PostgreSQL could not be set up in {self._home}:\n{made.stderr}"
            )
        fresh.rename(self.data)

    def _launch(self) -> None:
        settings = ["listen_addresses=", f"unix_socket_directories={self._account.own(self.sockets)}"]
        settings += [
            "unix_socket_permissions=0700",
            "max_connections=200",
            "timezone=UTC",
            "log_timezone=UTC",
        ]
        settings += [] if self.durable else _THROW_AWAY
        with (self._home / "server.log").open("ab") as log:
            self.process = subprocess.Popen(
                [
                    str(self._binaries / "postgres"),
                    "-D",
                    str(self.data),
                    *(f"--{setting}" for setting in settings),
                ],
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                preexec_fn=dies_with_parent(
                    signal.SIGINT
                ),  # SIGINT: stop at once; SIGTERM would wait for clients
                start_new_session=True,
                **self._account.identity,
            )

    def _stop_orphan(self) -> None:
        """Waits for the server of an owner that was killed, which the kernel told to stop, and stops it if it was
        not told."""
        pid = self._postmaster_lines()[:1]
        if not pid or not is_running(int(pid[0]), str(self.data)):
            return
        for death_signal in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):
            os.kill(int(pid[0]), death_signal)
            deadline = time.monotonic() + STOP_SECONDS
            while time.monotonic() < deadline:
                if not is_running(int(pid[0]), str(self.data)):
                    return
                time.sleep(0.05)

    def _postmaster_lines(self) -> list[str]:
        try:
            return (self.data / "postmaster.pid").read_text().splitlines()
        except FileNotFoundError:
            return []

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and self.process is not None and self.process.poll() is None:
            lines = self._postmaster_lines()
            if len(lines) == 8 and lines[0] == str(self.process.pid) and lines[7].strip() == "ready":
                return
            time.sleep(0.02)
        log = (self._home / "server.log").read_text(errors="replace")[-2000:]
        raise PostgresFailed(
            f"the embedded PostgreSQL did not start; the end of {self._home / 'server.log'}:\n{log}"
        )

    def _make_database(self) -> None:
        with psycopg.connect(
            host=str(self.sockets), user="anda", dbname="postgres", autocommit=True
        ) as connection:
            if connection.execute("SELECT 1 FROM pg_database WHERE datname = 'anda'").fetchone() is None:
                connection.execute("CREATE DATABASE anda")
