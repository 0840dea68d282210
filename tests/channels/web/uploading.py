"""Files as customers hand them in."""

from __future__ import annotations

import io

from PIL import Image
from playwright.async_api import FilePayload, Page

PDF = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"


def a_picture(width: int = 80, height: int = 60, kind: str = "JPEG") -> bytes:
    """A picture of one colour."""
    written = io.BytesIO()
    Image.new("RGB", (width, height), (20, 120, 110)).save(written, kind)
    return written.getvalue()


def file(name: str = "发票.jpg", data: bytes | None = None, kind: str = "image/jpeg") -> FilePayload:
    return {"name": name, "mimeType": kind, "buffer": a_picture(900, 640) if data is None else data}


async def choose(page: Page, *files: FilePayload) -> None:
    await page.get_by_test_id("file").set_input_files(list(files))
