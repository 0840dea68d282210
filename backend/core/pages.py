"""Pages and their static files: security headers on every response, a strict content policy, cache rules."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from fastapi import FastAPI
from starlette.datastructures import MutableHeaders
from starlette.responses import FileResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

VENDOR = Path(__file__).parent / "static" / "vendor"
# Files have no version in their names: the browser asks each time and mostly hears 304.
REVALIDATE = "no-cache"
POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data: blob:",
    "media-src": "'self' blob:",
    "font-src": "'self'",
    "connect-src": "'self'",
    "manifest-src": "'self'",
    "frame-src": "'self'",
    "form-action": "'self'",
    "base-uri": "'none'",
    "frame-ancestors": "'none'",
}
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    # Answers about customers stay out of every cache; files and pages say otherwise themselves.
    "Cache-Control": "no-store",
}


def content_policy(**changes: str) -> str:
    """The policy without inline script or style; `frame_ancestors="…"` changes that directive."""
    policy = POLICY | {name.replace("_", "-"): value for name, value in changes.items()}
    return "; ".join(f"{name} {value}" for name, value in policy.items())


class SecurityHeaders:
    """ASGI middleware: the headers above wherever a response does not set its own."""

    def __init__(self, app: ASGIApp, is_https: bool = False) -> None:
        self.app = app
        self.defaults = {**HEADERS, "Content-Security-Policy": content_policy()}
        if is_https:
            self.defaults["Strict-Transport-Security"] = "max-age=31536000"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self.defaults.items():
                    headers.setdefault(name, value)
            await send(message)

        await self.app(scope, receive, send_with_headers)


class PageFiles(StaticFiles):
    """Static files that browsers keep, but ask about before each use."""

    def file_response(
        self,
        full_path: str | os.PathLike[str],
        stat_result: os.stat_result,
        scope: Scope,
        status_code: int = 200,
    ) -> Response:
        response = super().file_response(full_path, stat_result, scope, status_code)
        response.headers["Cache-Control"] = REVALIDATE
        return response


def page(path: Path, frame_ancestors: str = "'none'") -> FileResponse:
    """An HTML page of ours; `frame_ancestors` names the sites that may show it in a frame."""
    headers = {
        "Cache-Control": REVALIDATE,
        "Content-Security-Policy": content_policy(frame_ancestors=frame_ancestors),
    }
    return FileResponse(path, media_type="text/html; charset=utf-8", headers=headers)


def add_pages(app: FastAPI, folders: Mapping[str, Path], is_https: bool = False) -> None:
    """Serve each folder at `/static/<name>/`, browser libraries at `/static/vendor/`, and add the headers."""
    for name, folder in {"vendor": VENDOR, **folders}.items():
        app.mount(f"/static/{name}", PageFiles(directory=folder), name=f"static_{name}")
    app.add_middleware(SecurityHeaders, is_https=is_https)
