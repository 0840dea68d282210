"""Folders of our own for servers: short enough for sockets, locked against a second owner."""

import fcntl
import hashlib
import os
import re
import shutil
import tempfile
from pathlib import Path
from typing import IO

_LONGEST_SOCKET_FOLDER = 80  # a Unix socket's path ends at 107 bytes, 103 on macOS
_PLAIN = re.compile(r"[A-Za-z0-9._/+-]+")


class FolderInUse(Exception):
    """Another process runs a server on this folder."""


def socket_folder(folder: Path) -> Path:
    """Returns where a server with its data in `folder` puts its socket: below it, or, when that path is too long or
    not plain, a private folder (mode 0700) among the temporary files that depends on `folder` alone."""
    beside_data = folder / "socket"
    if len(os.fsencode(beside_data)) <= _LONGEST_SOCKET_FOLDER and _PLAIN.fullmatch(str(beside_data)):
        beside_data.mkdir(mode=0o700, parents=True, exist_ok=True)
        return beside_data
    name = f"anda-{os.geteuid()}-{hashlib.sha256(os.fsencode(folder)).hexdigest()[:12]}"
    parent = Path(tempfile.gettempdir())
    if len(os.fsencode(parent / name)) > _LONGEST_SOCKET_FOLDER:
        parent = Path("/tmp")
    short = parent / name
    short.mkdir(mode=0o700, exist_ok=True)
    found = short.lstat()
    if (
        short.is_symlink()
        or found.st_uid not in (os.geteuid(), folder.stat().st_uid)
        or found.st_mode & 0o077
    ):
        raise PermissionError(
            f"{short} belongs to somebody else; remove it or set TMPDIR to a folder of your own"
        )
    return short


def remove_socket_folder(folder: Path) -> None:
    """Removes what `socket_folder` made among the temporary files; a folder below `folder` stays."""
    made = socket_folder(folder)
    if not made.is_relative_to(folder):
        shutil.rmtree(made, ignore_errors=True)


def take_lock(folder: Path) -> IO[str]:
    """Locks `folder` for this process until the returned file is closed. Raises FolderInUse."""
    file = (folder / "lock").open("a+")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.seek(0)
        holder = file.read().strip() or "unknown"
        file.close()
        raise FolderInUse(
            f"{folder} is in use by another Anda (process {holder}); stop that one first"
        ) from None
    file.truncate(0)
    file.write(str(os.getpid()))
    file.flush()
    return file
