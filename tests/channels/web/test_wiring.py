"""The web chat as the api process serves it."""

from __future__ import annotations

import re

import httpx
import pytest
from fastapi import FastAPI


async def test_the_page_and_all_it_loads_are_served(client: httpx.AsyncClient, app: FastAPI) -> None:
    found, waiting = set(), ["/"]
    while waiting:
        path = waiting.pop()
        response = await client.get(path)
        assert response.status_code == 200, path
        assert "default-src 'none'" in response.headers["content-security-policy"]
        found.add(path)
        named = re.findall(r'(?:from|import|href=|src=)\s*"([^"]+\.(?:js|css|svg))"', response.text)
        paths = {str(httpx.URL(f"http://x{path}").join(name).path) for name in named}
        waiting += sorted(paths - found - set(waiting))
    assert {"/static/web/chat.css", "/static/vendor/preact.js", "/static/vendor/socket.io.js"} <= found


async def test_other_sites_may_load_the_widget(client: httpx.AsyncClient) -> None:
    response = await client.get("/widget.js")
    assert response.headers["cross-origin-resource-policy"] == "cross-origin"
    assert response.headers["content-type"].startswith("text/javascript")


@pytest.mark.parametrize(("origin", "status"), [("http://testserver", 200), ("https://evil.example", 400)])
async def test_foreign_pages_open_no_socket(client: httpx.AsyncClient, origin: str, status: int) -> None:
    response = await client.get("/socket.io/?EIO=4&transport=polling", headers={"Origin": origin})
    assert response.status_code == status
