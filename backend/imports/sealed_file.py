"""An uploaded table waits on disk sealed, in pieces, so that it is read anywhere without ever being there in clear."""

from __future__ import annotations

import base64
import io
import os
import secrets
from collections.abc import Iterable
from pathlib import Path

from backend.core.crypto import Vault

PIECE = 64 * 1024
NEWLINE = b"\n"


def folder_of(data_dir: Path) -> Path:
    return data_dir / "imports"


def _purpose(name: str, number: int) -> str:
    return f"imports.file:{name}:{number}"


def seal_file(data_dir: Path, vault: Vault, pieces: Iterable[bytes]) -> str:
    """Write the pieces sealed and durable; the name to open it by."""
    name = secrets.token_hex(20)
    folder = folder_of(data_dir)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (folder / name).open("xb") as file:
        for number, piece in enumerate(_even(pieces)):
            file.write(
                vault.seal(base64.b64encode(piece).decode(), _purpose(name, number)).encode() + NEWLINE
            )
        file.flush()
        os.fsync(file.fileno())
    return name


def _even(pieces: Iterable[bytes]) -> Iterable[bytes]:
    """The same bytes in pieces of `PIECE`, the last one shorter."""
    waiting = bytearray()
    for piece in pieces:
        waiting += piece
        while len(waiting) >= PIECE:
            yield bytes(waiting[:PIECE])
            del waiting[:PIECE]
    if waiting:
        yield bytes(waiting)


def remove(data_dir: Path, name: str) -> None:
    """Remove the file; one that is gone already is fine."""
    (folder_of(data_dir) / Path(name).name).unlink(missing_ok=True)


class SealedFile(io.RawIOBase):
    """A sealed file, readable from any place; one piece at a time is in memory."""

    def __init__(self, data_dir: Path, vault: Vault, name: str) -> None:
        self._vault, self._name = vault, name
        self._file = (folder_of(data_dir) / name).open("rb")
        self._starts = [0]
        while line := self._file.readline():
            self._starts.append(self._starts[-1] + len(line))
        self._number, self._piece, self._position = -1, b"", 0
        pieces = len(self._starts) - 1
        self.size = 0 if not pieces else (pieces - 1) * PIECE + len(self._load(pieces - 1))

    def _load(self, number: int) -> bytes:
        if number != self._number:
            self._file.seek(self._starts[number])
            sealed = self._file.read(self._starts[number + 1] - self._starts[number]).rstrip(NEWLINE).decode()
            self._piece = base64.b64decode(self._vault.open(sealed, _purpose(self._name, number)))
            self._number = number
        return self._piece

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        if self._position >= self.size:
            return 0
        number, offset = divmod(self._position, PIECE)
        part = self._load(number)[offset : offset + len(buffer)]
        buffer[: len(part)] = part
        self._position += len(part)
        return len(part)

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._position, os.SEEK_END: self.size}[whence]
        self._position = max(base + offset, 0)
        return self._position

    def tell(self) -> int:
        return self._position

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def close(self) -> None:
        self._file.close()
        super().close()
