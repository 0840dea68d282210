"""The web chat's page at `/`, and the script that puts it into other sites."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from fastapi import APIRouter, Request
from starlette.responses import FileResponse

from backend.core.pages import REVALIDATE, page
from backend.core.settings import Settings

STATIC = Path(__file__).parent / "static"
router = APIRouter(include_in_schema=False)


def widget_origins(settings: Settings) -> list[str]:
    """The sites of ANDA_WIDGET_ORIGINS (separated by commas or spaces); what is no origin is left out."""
    parts = [urlsplit(entry) for entry in re.split(r"[,\s]+", settings.widget_origins)]
    return [f"{p.scheme}://{p.netloc}" for p in parts if p.scheme in ("http", "https") and _is_host(p.netloc)]


def _is_host(netloc: str) -> bool:
    # It goes into a header: no separators of the policy's grammar.
    return bool(netloc) and not set(netloc) & set("@;, '\"")


def origin_check(settings: Settings) -> Callable[[str | None, dict[str, Any]], bool]:
    """For the Socket.IO server: a page may connect from our own address or a site of ANDA_WIDGET_ORIGINS."""
    sites = widget_origins(settings)
    address = urlsplit(settings.base_url).netloc

    def is_allowed(origin: str | None, environ: dict[str, Any]) -> bool:
        own = {address, environ.get("HTTP_HOST")}
        return origin is None or urlsplit(origin).netloc in own or origin in sites

    return is_allowed


@router.get("/")
async def web_chat(request: Request, embed: bool = False) -> FileResponse:
    """The web chat; with `?embed=1` it may be framed by the sites of ANDA_WIDGET_ORIGINS."""
    origins = widget_origins(request.app.state.settings)
    return page(STATIC / "index.html", " ".join(["'self'", *origins]) if embed else "'none'")


@router.get("/widget.js")
async def widget() -> FileResponse:
    """`<script src="…/widget.js" defer></script>` on the insurer's site adds the chat."""
    headers = {"Cache-Control": REVALIDATE, "Cross-Origin-Resource-Policy": "cross-origin"}
    return FileResponse(STATIC / "widget.js", media_type="text/javascript; charset=utf-8", headers=headers)
