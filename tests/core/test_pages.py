"""Pages and files: what browsers are told about them."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from backend.core.pages import VENDOR, add_pages, content_policy, page


@pytest.fixture
async def browser(tmp_path: Path) -> httpx.AsyncClient:
    (tmp_path / "a.js").write_text("export {};")
    (tmp_path / "a.html").write_text("<!doctype html>")
    app = FastAPI()
    app.add_api_route("/api", lambda: {"name": "王芳"})
    app.add_api_route(
        "/page", lambda: page(tmp_path / "a.html", "https://insurer.example"), response_model=None
    )
    add_pages(app, {"web": tmp_path}, is_https=True)
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test")


async def test_answers_with_data_stay_out_of_caches(browser: httpx.AsyncClient) -> None:
    headers = (await browser.get("/api")).headers
    assert headers["cache-control"] == "no-store"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["strict-transport-security"]
    assert "frame-ancestors 'none'" in headers["content-security-policy"]


async def test_files_are_asked_about_and_not_sent_again(browser: httpx.AsyncClient) -> None:
    first = await browser.get("/static/web/a.js")
    assert first.headers["cache-control"] == "no-cache"
    again = await browser.get("/static/web/a.js", headers={"If-None-Match": first.headers["etag"]})
    assert again.status_code == 304


async def test_a_page_names_who_may_frame_it(browser: httpx.AsyncClient) -> None:
    policy = (await browser.get("/page")).headers["content-security-policy"]
    assert "frame-ancestors https://insurer.example" in policy


@pytest.mark.parametrize(
    "path", ["/static/web/../a", "/static/web/%2e%2e/%2e%2e/etc/passwd", "/static/none/a.js"]
)
async def test_nothing_beside_the_folders_is_served(browser: httpx.AsyncClient, path: str) -> None:
    assert (await browser.get(path)).status_code == 404


def test_the_policy_allows_nothing_inline() -> None:
    assert "unsafe" not in content_policy()


async def test_browser_libraries_import_nothing_from_elsewhere(browser: httpx.AsyncClient) -> None:
    for file in VENDOR.glob("*.js"):
        text = (await browser.get(f"/static/vendor/{file.name}")).text
        assert 'from"preact' not in text
        assert 'from"@' not in text
