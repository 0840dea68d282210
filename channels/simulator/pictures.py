"""Pictures that a person sends from the phone: a file of theirs, or a sample receipt."""

from __future__ import annotations

import base64
import io
import re

from PIL import Image, ImageDraw

from backend.core.errors import Invalid

DATA_URL = re.compile(r"data:([\w.+-]+/[\w.+-]+);base64,(.+)", re.DOTALL)
# What the page may show; anything else is only downloaded.
SHOWN = frozenset({"image/jpeg", "image/png", "image/gif", "image/webp", "application/pdf"})
File = tuple[bytes, str]


def from_data_url(url: str) -> File:
    """The content and type of a `data:` address; raises `Invalid`."""
    match = DATA_URL.fullmatch(url)
    try:
        return (base64.b64decode(match.group(2), validate=True), match.group(1)) if match else _refuse()
    except ValueError:
        return _refuse()


def _refuse() -> File:
    raise Invalid("This is not a file.")


def sample() -> File:
    """A made-up receipt as a phone would photograph it."""
    picture = Image.new("RGB", (480, 640), "#d8cfc2")
    draw = ImageDraw.Draw(picture)
    draw.rectangle((50, 40, 430, 600), fill="#fffdf8", outline="#c9bda9")
    draw.text((80, 70), "RECEIPT (sample)", fill="#33302b", font_size=28)
    for line, (item, amount) in enumerate(
        [("Consultation", "80.00"), ("X-ray", "260.00"), ("Total", "340.00")]
    ):
        draw.text((80, 150 + line * 60), item, fill="#33302b", font_size=22)
        draw.text((320, 150 + line * 60), amount, fill="#33302b", font_size=22)
    draw.line((80, 255, 400, 255), fill="#c9bda9", width=2)
    written = io.BytesIO()
    picture.save(written, "JPEG", quality=80)
    return written.getvalue(), "image/jpeg"
