"""Files that people hand in: pictures and PDF only, by their content, under unguessable names outside the web root.

A picture is written anew: what it shows stays, what hides in it (the place it was taken, other programs' data, anything
after its end) does not.
"""

from __future__ import annotations

import hashlib
import io
import os
import re
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import puremagic
from PIL import ExifTags, Image, ImageFile, JpegImagePlugin

from backend.core import errors
from backend.core.errors import NotFound, Problem

LARGEST = 10 * 1024 * 1024
MOST_PIXELS = 50_000_000  # decoded at once: about 150 MB
NAME = re.compile(r"[0-9a-f]{40}")
PDF = "application/pdf"
PICTURES = {"image/jpeg": "JPEG", "image/png": "PNG", "image/webp": "WEBP"}
CONTENT_TYPES = (*PICTURES, PDF)
# What a claims handler may need of a picture's EXIF: which way is up, and when it was taken.
KEPT_EXIF = (ExifTags.Base.Orientation, ExifTags.Base.DateTime)


class UnsupportedFile(Problem):
    """The content is neither a picture nor a PDF that we take, whatever its name says."""

    status_code, code = 415, "unsupported_file"


class TooLarge(errors.TooLarge):
    """More than 10 MB."""


@dataclass(frozen=True)
class StoredFile:
    """A file that is safely on disk; `name` is unguessable and its only handle."""

    name: str
    content_type: str
    size: int
    sha256: str


def keep(data_dir: Path, data: bytes) -> StoredFile:
    """Check and store `data`, durable when this returns; blocks, so call it in a thread.

    Raises `UnsupportedFile` for anything but a JPEG, PNG, WebP or PDF, `TooLarge` above 10 MB.
    """
    if len(data) > LARGEST:
        raise TooLarge("This file is larger than 10 MB.")
    content_type = _sniffed(data)
    if content_type in PICTURES:
        data = _picture(data, PICTURES[content_type])
    elif b"%%EOF" not in data[-2048:]:
        raise UnsupportedFile("This PDF is not complete.")
    name = secrets.token_hex(20)
    _write(_place(data_dir, name), data)
    return StoredFile(name, content_type, len(data), hashlib.sha256(data).hexdigest())


def path_of(data_dir: Path, name: str) -> Path:
    """Where the file lies; raises `NotFound` for what is not the name of a stored file."""
    if NAME.fullmatch(name) is None or not (path := _place(data_dir, name)).is_file():
        raise NotFound("There is no such file.")
    return path


def remove(data_dir: Path, name: str) -> None:
    """Remove the file for good; one that is gone already is fine. Raises `NotFound` for what is not a name."""
    if NAME.fullmatch(name) is None:
        raise NotFound("There is no such file.")
    _place(data_dir, name).unlink(missing_ok=True)


def _place(data_dir: Path, name: str) -> Path:
    return data_dir / "files" / name[:2] / name


def _sniffed(data: bytes) -> str:
    refusal = UnsupportedFile("Only pictures (JPEG, PNG, WebP) and PDF files can be taken.")
    try:
        matches = puremagic.magic_string(data)
    except (puremagic.PureError, ValueError) as error:
        raise refusal from error
    if data.startswith(b"%PDF-"):
        return PDF
    seen = {match.mime_type for match in matches}
    for content_type in PICTURES:
        if content_type in seen:
            return content_type
    raise refusal


def _picture(data: bytes, kind: str) -> bytes:
    """The same picture, decoded and encoded again with its own quality; only `KEPT_EXIF` goes with it."""
    try:
        with Image.open(io.BytesIO(data), formats=[kind]) as picture:
            if picture.width * picture.height > MOST_PIXELS:
                raise UnsupportedFile("This picture has too many pixels.")
            picture.load()
            return _encoded(picture, kind)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise UnsupportedFile("This picture has too many pixels.") from error
    except (OSError, ValueError, SyntaxError, EOFError) as error:  # what Pillow raises for broken pictures
        raise UnsupportedFile("This picture cannot be opened.") from error


def _encoded(picture: ImageFile.ImageFile, kind: str) -> bytes:
    exif, old = Image.Exif(), picture.getexif()
    for tag in KEPT_EXIF:
        if tag in old:
            exif[tag] = old[tag]
    options: dict[str, Any] = {"exif": exif.tobytes()} if len(exif) else {}
    if isinstance(picture, JpegImagePlugin.JpegImageFile):
        options |= {
            "qtables": picture.quantization,
            "subsampling": JpegImagePlugin.get_sampling(picture),
            "optimize": True,
        }
    elif kind == "WEBP":
        options |= {"quality": 90}
    profile = picture.info.get("icc_profile")
    picture.info = {"transparency": t} if (t := picture.info.get("transparency")) is not None else {}
    written = io.BytesIO()
    picture.save(written, kind, icc_profile=profile, **options)
    return written.getvalue()


def _write(path: Path, data: bytes) -> None:
    path.parent.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.parent.mkdir(mode=0o700, exist_ok=True)
    part = path.with_suffix(".part")
    with open(part, "xb", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    part.rename(path)
    for folder in (path.parent, path.parent.parent):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
