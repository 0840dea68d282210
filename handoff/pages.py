"""The agents' console: one page, its files at `/static/console/`."""

from __future__ import annotations

from pathlib import Path

from fastapi import APIRouter
from fastapi.responses import FileResponse

from backend.core.pages import page

CONSOLE = Path(__file__).parent / "console"
# For `add_pages`: what to serve at /static/<name>/.
FOLDERS = {"console": CONSOLE}

router = APIRouter(include_in_schema=False)


@router.get("/console")
async def console() -> FileResponse:
    """The page itself; it asks for the sign-in."""
    return page(CONSOLE / "index.html")
