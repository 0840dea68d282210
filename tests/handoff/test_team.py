"""The team: agents added and changed, second factors enrolled, sessions ended."""

from __future__ import annotations

from typing import Any

import httpx
import pyotp
import pytest
from fastapi import FastAPI

from backend.core.access import COOKIE
from tests.hiring import AtDesk, Hire


@pytest.fixture
async def admin(hire: Hire) -> AtDesk:
    return await hire(role="admin")


async def sign_in(app: FastAPI, **credentials: str) -> httpx.Response:
    await app.state.redis.flushdb()
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://testserver") as stranger:
        return await stranger.post("/api/v1/auth/login", json=credentials)


def as_browser(app: FastAPI, answer: httpx.Response) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(app=app)
    cookies = {COOKIE: answer.cookies[COOKIE]}
    return httpx.AsyncClient(transport=transport, base_url="http://testserver", cookies=cookies)


async def added(admin: AtDesk) -> Any:
    return await admin.post(
        "/agents", {"username": "xu.jing", "name": "徐静", "skills": ["claims"]}, status=201
    )


async def test_a_new_agent_signs_in_with_the_password_that_was_shown_once(
    app: FastAPI, admin: AtDesk
) -> None:
    agent = await added(admin)
    signed_in = await sign_in(app, username="xu.jing", password=agent["password"])
    assert (signed_in.status_code, signed_in.json()["name"]) == (200, "徐静")
    await admin.post("/agents", {"username": "xu.jing", "name": "另一个"}, status=409)


async def test_switching_an_agent_off_ends_the_sessions(app: FastAPI, admin: AtDesk) -> None:
    agent = await added(admin)
    signed_in = await sign_in(app, username="xu.jing", password=agent["password"])
    change = {"name": "徐静", "version": agent["version"], "is_active": False}
    assert (await admin.browser.put(f"/api/v1/agents/{agent['id']}", json=change)).status_code == 200
    async with as_browser(app, signed_in) as browser:
        assert (await browser.get("/api/v1/auth/me")).status_code == 401
    assert (await admin.browser.put(f"/api/v1/agents/{agent['id']}", json=change)).status_code == 409


async def test_the_last_administrator_stays_one(admin: AtDesk) -> None:
    change = {"name": "李娜", "version": 1, "role": "agent"}
    refused = await admin.browser.put(f"/api/v1/agents/{admin.agent.id}", json=change)
    assert (refused.status_code, refused.json()["code"]) == (422, "invalid")


async def test_the_second_factor_is_asked_for_once_it_was_confirmed(app: FastAPI, admin: AtDesk) -> None:
    agent = await added(admin)
    credentials = {"username": "xu.jing", "password": agent["password"]}
    async with as_browser(app, await sign_in(app, **credentials)) as browser:
        enrolment = (await browser.post("/api/v1/auth/totp", json={})).json()
        assert enrolment["svg"].startswith("<svg")
        assert (await browser.post("/api/v1/auth/totp/confirm", json={"otp": "000000"})).status_code == 401
        assert (await sign_in(app, **credentials)).status_code == 200  # not yet
        code = pyotp.TOTP(enrolment["secret"]).now()
        on = (await browser.post("/api/v1/auth/totp/confirm", json={"otp": code})).json()
        assert (on["is_on"], on["recovery_codes_left"], len(set(on["recovery_codes"]))) == (True, 10, 10)
        assert (await sign_in(app, **credentials)).json()["code"] == "otp_required"
        assert (await sign_in(app, **credentials, otp=code)).status_code == 200
        removed = await browser.post("/api/v1/auth/totp/remove", json={"password": agent["password"]})
        assert removed.json() == {"is_on": False, "recovery_codes_left": 0}


async def test_an_agent_sees_and_ends_the_own_sessions(app: FastAPI, admin: AtDesk) -> None:
    agent = await added(admin)
    credentials = {"username": "xu.jing", "password": agent["password"]}
    first, second = await sign_in(app, **credentials), await sign_in(app, **credentials)
    async with as_browser(app, first) as browser, as_browser(app, second) as other:
        listed = (await browser.get("/api/v1/auth/sessions")).json()["items"]
        assert [one["is_this_one"] for one in listed] == [False, True]
        assert (await browser.delete(f"/api/v1/auth/sessions/{listed[0]['id']}")).status_code == 204
        assert (await other.get("/api/v1/auth/me")).status_code == 401
        assert (await browser.get("/api/v1/auth/me")).status_code == 200


async def test_a_changed_password_signs_the_other_browsers_out(app: FastAPI, admin: AtDesk) -> None:
    agent = await added(admin)
    credentials = {"username": "xu.jing", "password": agent["password"]}
    first, second = await sign_in(app, **credentials), await sign_in(app, **credentials)
    async with as_browser(app, first) as browser, as_browser(app, second) as other:
        wrong = {"old": "wrong", "new": "a long new password"}
        assert (await browser.post("/api/v1/auth/password", json=wrong)).status_code == 401
        right = wrong | {"old": agent["password"]}
        assert (await browser.post("/api/v1/auth/password", json=right)).status_code == 204
        assert (await browser.get("/api/v1/auth/me")).status_code == 200
        assert (await other.get("/api/v1/auth/me")).status_code == 401


async def test_only_administrators_change_the_team_and_everybody_sees_it(hire: Hire) -> None:
    boss, agent = await hire(role="supervisor"), await hire()
    body = {"username": "xu.jing", "name": "徐静"}
    assert (await boss.browser.post("/api/v1/agents", json=body)).status_code == 403
    assert len((await agent.get("/agents"))["items"]) == 2
