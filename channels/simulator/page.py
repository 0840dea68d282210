"""The page /simulator of the api process, in the demo; its API is passed on to the simulator's process."""

from __future__ import annotations

from pathlib import Path

import httpx
from fastapi import APIRouter, Request, Response
from fastapi.responses import FileResponse

from backend.core.access import check_browser_write
from backend.core.errors import Unavailable
from backend.core.pages import page

STATIC = Path(__file__).with_name("static")
FOLDERS = {"simulator": STATIC}
# The page waits up to 5 s for news, and the webhooks may be asked three times.
TIMEOUT = 40.0

router = APIRouter(prefix="/simulator", include_in_schema=False)


@router.get("")
async def show() -> FileResponse:
    """The phone."""
    return page(STATIC / "index.html")


@router.api_route("/api/{path:path}", methods=["GET", "POST"])
async def pass_on(path: str, request: Request) -> Response:
    """The simulator's answer, so that the browser stays on one origin; 503 while it is not running."""
    check_browser_write(request)
    http: httpx.AsyncClient = request.app.state.http
    try:
        answer = await http.request(
            request.method,
            f"{request.app.state.settings.simulator_url.rstrip('/')}/api/{path}",
            params=request.query_params,
            content=await request.body(),
            headers={"Content-Type": request.headers.get("content-type", "application/json")},
            timeout=TIMEOUT,
        )
    except httpx.HTTPError as error:
        raise Unavailable("The simulator is not running.") from error
    return Response(answer.content, answer.status_code, media_type=answer.headers.get("content-type"))
