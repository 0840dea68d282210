"""The page as the api process serves it in the demo."""

import re

import httpx
from fastapi import FastAPI

from backend.core.settings import Settings
from backend.main import create_app


def visit(app: FastAPI, transport: httpx.MockTransport | None = None) -> httpx.AsyncClient:
    if transport is not None:
        app.state.http = httpx.AsyncClient(transport=transport)
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://api")


async def test_the_page_has_no_inline_script_and_its_files_are_there(app: FastAPI) -> None:
    async with visit(app) as http:
        page = await http.get("/simulator")
        policy = page.headers["content-security-policy"]
        assert page.status_code == 200
        assert "unsafe" not in policy
        assert "script-src 'self'" in policy
        assert not re.search(r"<script(?![^>]*src=)|<style| style=| on[a-z]+=", page.text)
        for path in re.findall(r'(?:src|href)="(/[^"]+)"', page.text):
            assert (await http.get(path)).status_code == 200, path


async def test_calls_are_passed_on_to_the_simulator(app: FastAPI, settings: Settings) -> None:
    seen: list[httpx.Request] = []

    def handler(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200, json={"accepted": True})

    async with visit(app, httpx.MockTransport(handler)) as http:
        answer = await http.post("/simulator/api/phones/1/sms?x=1", json={"text": "Hi"})
    assert answer.json() == {"accepted": True}
    assert str(seen[0].url) == f"{settings.simulator_url}/api/phones/1/sms?x=1"
    assert seen[0].content == b'{"text":"Hi"}'


async def test_another_site_cannot_use_the_phone(app: FastAPI) -> None:
    async with visit(app) as http:
        answer = await http.post(
            "/simulator/api/phones/1/sms", json={"text": "Hi"}, headers={"Origin": "https://evil.example"}
        )
    assert answer.status_code == 403


async def test_a_simulator_that_is_away_is_said(app: FastAPI) -> None:
    def handler(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("")

    async with visit(app, httpx.MockTransport(handler)) as http:
        assert (await http.get("/simulator/api/people")).status_code == 503


async def test_there_is_no_simulator_outside_the_demo(settings: Settings) -> None:
    async with visit(create_app(settings.model_copy(update={"demo": False}))) as http:
        assert (await http.get("/simulator")).status_code == 404
