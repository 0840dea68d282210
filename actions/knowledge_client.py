"""Knowledge search, as the actions use it."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from actions.http import ServiceUnavailable, call
from actions.settings import settings

Record = dict[str, Any]


class KnowledgeUnavailable(ServiceUnavailable):
    """Knowledge search is away; a person can still answer."""


async def search(query: str, language: str, product_type: str | None = None, limit: int = 3) -> Record:
    """Return `fits`, the best passage as `answer` (None when nothing fits) and `others`."""
    body = {"query": query, "language": language, "product_type": product_type, "limit": limit}
    found: Record = await _json("POST", "/search", body)
    return found


async def article(name: str, language: str) -> Record | None:
    """Return one article by its name, or None when there is none."""
    found: Record | None = await _json("GET", f"/articles/{quote(name, safe='')}?language={language}")
    return found


async def _json(method: str, path: str, body: Record | None = None) -> Any:
    try:
        answer = await call(settings().knowledge_url.rstrip("/"), method, path, body=body)
        if answer.status_code == 404:
            return None
        if answer.status_code >= 300:
            raise KnowledgeUnavailable(path.split("?")[0])
        return answer.json()
    except KnowledgeUnavailable:
        raise
    except (ServiceUnavailable, ValueError) as error:
        raise KnowledgeUnavailable("search") from error
