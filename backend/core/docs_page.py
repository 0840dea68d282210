"""The API's documentation at /docs, from files of our own server: it works without the network."""

from __future__ import annotations

from pathlib import Path

import fastapi_offline
from fastapi import APIRouter
from fastapi.responses import FileResponse

from backend.core.pages import content_policy

HERE = Path(__file__).parent / "static" / "docs"
# For `add_pages`: what to serve at /static/<name>/.
FOLDERS = {"docs": HERE, "swagger": Path(fastapi_offline.__file__).parent / "static"}

router = APIRouter(include_in_schema=False)


@router.get("/docs")
async def docs() -> FileResponse:
    """Swagger UI on our own OpenAPI description; it sets styles in the page, which this page alone allows."""
    policy = content_policy(style_src="'self' 'unsafe-inline'")
    return FileResponse(HERE / "index.html", headers={"Content-Security-Policy": policy})
