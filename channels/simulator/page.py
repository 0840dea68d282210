"""The page /simulator of the api process, in the demo; its API is passed on to the simulator's process."""

from __future__ import annotations

from pathlib import Path

import httpx
from fastapi import APIRouter, Request, Response
from fastapi.responses import FileResponse

from backend.core.access import check_browser_write
from backend.core.errors import NotFound, Unavailable
from backend.core.pages import page
from backend.core.settings import Settings

STATIC = Path(__file__).with_name("static")
FILES = {file.name for file in STATIC.iterdir() if file.suffix in (".js", ".css", ".svg")}
PASSED_ON = ("content-type",)
# The page waits up to 5 s for news, and the webhooks may be asked three times.
TIMEOUT = 40.0

router = APIRouter(prefix="/simulator", include_in_schema=False)


def _check_demo(request: Request) -> Settings:
    settings: Settings = request.app.state.settings
    if not settings.demo:
        raise NotFound("There is no such page.")
    return settings


@router.get("")
async def show(request: Request) -> FileResponse:
    """The phone."""
    _check_demo(request)
    return page(STATIC / "index.html")


@router.get("/static/{name}")
async def static(name: str, request: Request) -> FileResponse:
    """The page's script, style and pictures."""
    _check_demo(request)
    if name not in FILES:
        raise NotFound("There is no such file.")
    return FileResponse(STATIC / name, headers={"Cache-Control": "no-cache"})


@router.api_route("/api/{path:path}", methods=["GET", "POST"])
async def pass_on(path: str, request: Request) -> Response:
    """The simulator's answer, so that the browser stays on one origin; 503 while it is not running."""
    settings = _check_demo(request)
    check_browser_write(request)
    url = f"{settings.simulator_url.rstrip('/')}/api/{path}"
    headers = {name: request.headers[name] for name in PASSED_ON if name in request.headers}
    try:
        async with httpx.AsyncClient(timeout=TIMEOUT) as client:
            answer = await client.request(
                request.method,
                url,
                params=request.query_params,
                content=await request.body(),
                headers=headers,
            )
    except httpx.HTTPError as error:
        raise Unavailable("The simulator is not running.") from error
    return Response(answer.content, answer.status_code, media_type=answer.headers.get("content-type"))
