"""Files that people hand in: told by their content, made harmless, kept under names nobody can guess."""

from __future__ import annotations

import contextlib
import io
import stat
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import ExifTags, Image

from backend.core import files
from backend.core.errors import NotFound

PDF = b"%PDF-1.7\n1 0 obj<<>>endobj\n%%EOF\n"


def picture(kind: str, mode: str = "RGB", **how: object) -> bytes:
    written = io.BytesIO()
    Image.effect_noise((60, 40), 60).convert(mode).save(written, kind, **how)
    return written.getvalue()


@pytest.mark.parametrize(
    ("data", "content_type"),
    [
        (picture("JPEG"), "image/jpeg"),
        (picture("JPEG", "L"), "image/jpeg"),
        (picture("JPEG", "CMYK"), "image/jpeg"),
        (picture("PNG"), "image/png"),
        (picture("PNG", "RGBA"), "image/png"),
        (picture("PNG", "P"), "image/png"),
        (picture("WEBP"), "image/webp"),
        (PDF, "application/pdf"),
    ],
)
def test_pictures_and_pdf_are_kept(tmp_path: Path, data: bytes, content_type: str) -> None:
    stored = files.keep(tmp_path, data)
    path = files.path_of(tmp_path, stored.name)
    assert (stored.content_type, stored.size) == (content_type, path.stat().st_size)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert path.is_relative_to(tmp_path / "files")
    files.remove(tmp_path, stored.name)
    files.remove(tmp_path, stored.name)
    with pytest.raises(NotFound):
        files.path_of(tmp_path, stored.name)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"hello",
        b"<html><script>alert(1)</script></html>",
        b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
        b"MZ" + b"\0" * 100,
        b"PK\x03\x04" + b"\0" * 100,
        picture("GIF", "P"),
        picture("JPEG")[:200],
        b"%PDF-1.7\nno end",
        b"\0" + PDF,
    ],
)
def test_anything_else_is_refused_whatever_it_is_called(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(files.UnsupportedFile):
        files.keep(tmp_path, data)
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


def test_too_large_is_refused(tmp_path: Path) -> None:
    with pytest.raises(files.TooLarge):
        files.keep(tmp_path, PDF + b"\0" * files.LARGEST)


def test_a_picture_with_too_many_pixels_is_refused(tmp_path: Path) -> None:
    written = io.BytesIO()
    Image.new("1", (8000, 7000)).save(written, "PNG")
    with pytest.raises(files.UnsupportedFile, match="pixels"):
        files.keep(tmp_path, written.getvalue())


def test_where_it_was_taken_and_what_hides_behind_it_do_not_stay(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation], exif[ExifTags.Base.DateTime] = 6, "2026:11:20 10:00:00"
    exif[ExifTags.Base.GPSInfo] = {1: "N", 2: (31.0, 1.0, 0.0)}
    data = picture("JPEG", exif=exif.tobytes()) + b"<?php system($_GET[0]) ?>"
    path = files.path_of(tmp_path, files.keep(tmp_path, data).name)
    with Image.open(path) as kept:
        assert dict(kept.getexif()) == {
            ExifTags.Base.Orientation: 6,
            ExifTags.Base.DateTime: "2026:11:20 10:00:00",
        }
    assert b"php" not in path.read_bytes()


def test_the_same_picture_has_the_same_hash_and_another_name(tmp_path: Path) -> None:
    data = picture("JPEG")
    first, second = files.keep(tmp_path, data), files.keep(tmp_path, data)
    assert (first.sha256 == second.sha256, first.name == second.name) == (True, False)


@given(name=st.one_of(st.text(max_size=60), st.from_regex(r"[./\\a-f0-9]{1,60}", fullmatch=True)))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_name_leads_anywhere_else(tmp_path: Path, name: str) -> None:
    with pytest.raises(NotFound):
        files.path_of(tmp_path, name)


@given(
    data=st.binary(max_size=300),
    start=st.sampled_from([b"", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"RIFF", b"%PDF-"]),
)
@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_bytes_are_kept_or_refused_and_nothing_else_happens(
    tmp_path: Path, data: bytes, start: bytes
) -> None:
    with contextlib.suppress(files.UnsupportedFile):
        files.keep(tmp_path, start + data)
