"""Agents sign in over HTTP; guessing, stolen codes and other sites get nowhere."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from datetime import timedelta

import httpx
import pyotp
import pytest
import time_machine
from argon2 import PasswordHasher
from fastapi import FastAPI
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.core import clock
from backend.core.access import COOKIE, Agent, AgentSession, RecoveryCode, hash_token
from backend.core.audit import AuditEntry
from backend.core.crypto import Vault
from handoff import passwords, recovery_codes
from handoff.attempts import Attempts
from handoff.sign_in import get_attempts
from tests.factories import make_agent

PASSWORD = "correct horse battery"
# Cheaper than the product's own: a hash names its own cost.
HASH = PasswordHasher(time_cost=1, memory_cost=64).hash(PASSWORD)
LOGIN = "/api/v1/auth/login"

SignIn = Callable[..., Awaitable[httpx.Response]]


@pytest.fixture
async def li_na(session: AsyncSession) -> Agent:
    return await make_agent(session, username="li.na", password_hash=HASH)


@pytest.fixture
async def sign_in(client: httpx.AsyncClient, app: FastAPI) -> SignIn:
    await app.state.redis.flushdb()

    async def sign_in(password: str = PASSWORD, username: str = "li.na", **more: str) -> httpx.Response:
        return await client.post(LOGIN, json={"username": username, "password": password} | more)

    return sign_in


async def test_a_right_password_opens_a_session(
    client: httpx.AsyncClient, li_na: Agent, sign_in: SignIn
) -> None:
    answer = await sign_in()
    assert answer.status_code == 200
    assert (answer.json()["id"], answer.json()["name"], answer.json()["role"]) == (li_na.id, "李娜", "agent")
    assert "tickets:write" in answer.json()["scopes"]
    assert answer.json()["timezone"] == "Asia/Shanghai"
    assert "password" not in answer.text
    assert (await client.get("/api/v1/auth/me")).json() == answer.json()
    assert (await client.get("/api/v1/tickets")).status_code == 200


async def test_the_cookie_is_out_of_reach_for_scripts_and_other_sites(li_na: Agent, sign_in: SignIn) -> None:
    cookie = (await sign_in()).headers["set-cookie"]
    parts = {part.strip().lower() for part in cookie.split(";")[1:]}
    assert {"httponly", "samesite=lax", "path=/", "max-age=43200"} <= parts
    assert "secure" not in parts


async def test_the_cookie_is_secure_under_https(
    client: httpx.AsyncClient, app: FastAPI, li_na: Agent, sign_in: SignIn
) -> None:
    app.state.settings = app.state.settings.model_copy(update={"public_url": "https://desk.example"})
    assert "secure" in (await sign_in()).headers["set-cookie"].lower()


async def test_the_database_holds_only_a_hash_of_the_cookie(
    client: httpx.AsyncClient, session: AsyncSession, li_na: Agent, sign_in: SignIn
) -> None:
    await sign_in()
    stored = (await session.scalars(select(AgentSession))).one()
    assert stored.token_hash == hash_token(client.cookies[COOKIE])
    assert stored.expires_at - stored.created_at == timedelta(hours=12)


async def test_unknown_users_and_wrong_passwords_get_the_same_answer(li_na: Agent, sign_in: SignIn) -> None:
    wrong, unknown = await sign_in("wrong"), await sign_in("wrong", username="nobody")
    assert wrong.status_code == unknown.status_code == 401
    assert wrong.json() == unknown.json()
    assert wrong.json()["code"] == "wrong_credentials"
    assert "set-cookie" not in wrong.headers


async def test_an_unknown_user_costs_the_same_work(monkeypatch: pytest.MonkeyPatch, sign_in: SignIn) -> None:
    verified: list[str] = []
    real = passwords._matches
    monkeypatch.setattr(
        passwords, "_matches", lambda stored, given: (verified.append(stored), real(stored, given))[1]
    )
    await sign_in("wrong", username="nobody")
    assert len(verified) == 1


async def test_an_agent_who_left_cannot_sign_in(session: AsyncSession, li_na: Agent, sign_in: SignIn) -> None:
    li_na.is_active = False
    await session.commit()
    assert (await sign_in()).json()["code"] == "wrong_credentials"


async def test_an_agent_without_a_password_cannot_sign_in(session: AsyncSession, sign_in: SignIn) -> None:
    await make_agent(session, username="new.agent")
    assert (await sign_in("", username="new.agent")).status_code == 401


async def test_case_and_spaces_of_the_username_do_not_matter(li_na: Agent, sign_in: SignIn) -> None:
    assert (await sign_in(username=" Li.Na ")).status_code == 200


@pytest.mark.parametrize(
    "body",
    [{}, {"username": "li.na"}, {"username": "", "password": "x"}, {"username": 1, "password": []}, "x", []],
)
async def test_malformed_sign_ins_are_refused(client: httpx.AsyncClient, body: object) -> None:
    answer = await client.post(LOGIN, json=body)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"


async def test_five_wrong_passwords_lock_the_username_known_or_not(li_na: Agent, sign_in: SignIn) -> None:
    for username in ("li.na", "nobody"):
        for _ in range(5):
            assert (await sign_in("wrong", username=username)).status_code == 401
        locked = await sign_in(PASSWORD, username=username)
        assert locked.status_code == 429
        assert locked.json()["code"] == "too_many_requests"
        assert 0 < int(locked.headers["retry-after"]) <= 900


async def test_a_success_forgets_the_failures_before(li_na: Agent, sign_in: SignIn) -> None:
    for _ in range(3):
        for _ in range(4):
            await sign_in("wrong")
        assert (await sign_in()).status_code == 200


async def test_the_lock_holds_while_redis_is_away(app: FastAPI, li_na: Agent, sign_in: SignIn) -> None:
    away = Attempts("redis://127.0.0.1:1/0")
    app.dependency_overrides[get_attempts] = lambda: away
    for _ in range(5):
        assert (await sign_in("wrong")).status_code == 401
    assert (await sign_in()).status_code == 429


async def test_an_address_that_tries_many_names_is_stopped(
    app: FastAPI, li_na: Agent, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(passwords, "_matches", lambda stored, given: False)
    for number in range(60):
        assert (await sign_in(username=f"name{number}")).status_code == 401
    assert (await sign_in(username="another")).status_code == 429


async def _give_totp(session: AsyncSession, vault: Vault, agent: Agent) -> pyotp.TOTP:
    secret = pyotp.random_base32()
    agent.totp_sealed = vault.seal(secret, passwords.TOTP_SECRET)
    await session.commit()
    return pyotp.TOTP(secret)


async def test_a_code_is_asked_for_when_the_agent_has_one(
    session: AsyncSession, vault: Vault, li_na: Agent, sign_in: SignIn
) -> None:
    totp = await _give_totp(session, vault, li_na)
    assert (await sign_in("wrong")).json()["code"] == "wrong_credentials"
    assert (await sign_in()).json()["code"] == "otp_required"
    assert (await sign_in(otp="000000")).json()["code"] == "otp_wrong"
    assert (await sign_in(otp=totp.now())).status_code == 200


async def test_a_code_signs_in_only_once(
    session: AsyncSession, vault: Vault, li_na: Agent, sign_in: SignIn
) -> None:
    totp = await _give_totp(session, vault, li_na)
    with time_machine.travel("2026-11-22T08:00:10Z", tick=False):
        code = totp.now()
        assert (await sign_in(otp=code)).status_code == 200
        assert (await sign_in(otp=code)).json()["code"] == "otp_wrong"


async def test_codes_cannot_be_guessed_by_asking_without_one_in_between(
    session: AsyncSession, vault: Vault, li_na: Agent, sign_in: SignIn
) -> None:
    await _give_totp(session, vault, li_na)
    for more in ({"otp": "000000"}, {"otp": "000001"}, {}, {"otp": "000002"}, {}):
        assert (await sign_in(**more)).status_code == 401
    assert (await sign_in(otp="000003")).status_code == 429


async def test_a_recovery_code_signs_in_once_and_is_on_the_audit_log(
    session: AsyncSession, vault: Vault, li_na: Agent, sign_in: SignIn
) -> None:
    totp = await _give_totp(session, vault, li_na)
    first, *others = await recovery_codes.renew(session, li_na.id)
    await session.commit()
    assert (await sign_in("wrong", otp=first)).json()["code"] == "wrong_credentials"
    assert (await sign_in(otp=f" {first.upper().replace('-', ' ')} ")).status_code == 200
    assert (await sign_in(otp=first)).json()["code"] == "otp_wrong"
    assert (await sign_in(otp=totp.now())).status_code == 200  # the app goes on
    (used,) = await session.scalars(select(AuditEntry).where(AuditEntry.action == "agent.recovery_code_used"))
    assert (used.actor, used.details) == ("li.na", {"left": 9})
    stored = await session.scalars(select(RecoveryCode.code_hash))
    assert not {first, *others} & set(stored)


async def test_recovery_codes_cannot_be_guessed(
    session: AsyncSession, vault: Vault, li_na: Agent, sign_in: SignIn
) -> None:
    await _give_totp(session, vault, li_na)
    (code, *_) = await recovery_codes.renew(session, li_na.id)
    await session.commit()
    for _ in range(5):
        assert (await sign_in(otp="aaaa-bbbb-cccc")).json()["code"] == "otp_wrong"
    assert (await sign_in(otp=code)).status_code == 429


async def test_new_recovery_codes_need_a_current_code_and_end_the_earlier_ones(
    session: AsyncSession, vault: Vault, li_na: Agent, sign_in: SignIn, client: httpx.AsyncClient
) -> None:
    totp, path = await _give_totp(session, vault, li_na), "/api/v1/auth/totp/recovery-codes"
    (old, *_) = await recovery_codes.renew(session, li_na.id)
    await session.commit()
    with time_machine.travel("2026-11-22T08:00:10Z", tick=False):
        await sign_in(otp=totp.now())
        assert (await client.post(path, json={"otp": "000000"})).json()["code"] == "otp_wrong"
        renewed = (await client.post(path, json={"otp": totp.at(time.time() + 30)})).json()
        assert (await sign_in(otp=old)).json()["code"] == "otp_wrong"
        assert (await sign_in(otp=renewed["recovery_codes"][3])).status_code == 200
        assert (await client.get("/api/v1/auth/totp")).json() == {"is_on": True, "recovery_codes_left": 9}


async def test_signing_out_ends_the_session_for_good(
    client: httpx.AsyncClient, li_na: Agent, sign_in: SignIn
) -> None:
    await sign_in()
    token = client.cookies[COOKIE]
    assert (await client.post("/api/v1/auth/logout")).status_code == 204
    assert COOKIE not in client.cookies
    client.cookies.set(COOKIE, token)
    assert (await client.get("/api/v1/auth/me")).status_code == 401


async def test_a_session_ends_after_a_shift(
    client: httpx.AsyncClient, li_na: Agent, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    await sign_in()
    monkeypatch.setenv("ANDA_NOW", (clock.now() + timedelta(hours=12, seconds=1)).isoformat())
    assert (await client.get("/api/v1/auth/me")).status_code == 401


async def test_signing_in_again_ends_the_session_before(
    client: httpx.AsyncClient, li_na: Agent, sign_in: SignIn
) -> None:
    await sign_in()
    first = client.cookies[COOKIE]
    await sign_in()
    assert client.cookies[COOKIE] != first
    client.cookies.clear()
    client.cookies.set(COOKIE, first)
    assert (await client.get("/api/v1/auth/me")).status_code == 401


async def test_a_made_up_cookie_is_nobody(client: httpx.AsyncClient) -> None:
    client.cookies.set(COOKIE, "made-up")
    answer = await client.get("/api/v1/auth/me")
    assert answer.status_code == 401
    assert answer.headers["content-type"] == "application/problem+json"


async def test_other_sites_can_neither_sign_in_nor_out_nor_write(
    client: httpx.AsyncClient, li_na: Agent, sign_in: SignIn
) -> None:
    await sign_in()
    body = {"username": "li.na", "password": PASSWORD}
    for headers in ({"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}, {"Origin": "null"}):
        for path in (LOGIN, "/api/v1/auth/logout", "/api/v1/tickets/T2026000001/accept"):
            assert (await client.post(path, json=body, headers=headers)).status_code == 403, (path, headers)
    assert (await client.get("/api/v1/auth/me")).status_code == 200


async def test_a_form_cannot_sign_in(client: httpx.AsyncClient, li_na: Agent) -> None:
    answer = await client.post(LOGIN, data={"username": "li.na", "password": PASSWORD})
    assert answer.status_code in (403, 422)
    assert "set-cookie" not in answer.headers


async def test_our_own_page_may_write(client: httpx.AsyncClient, li_na: Agent, sign_in: SignIn) -> None:
    await sign_in()
    headers = {"Origin": "http://testserver", "Sec-Fetch-Site": "same-origin"}
    answer = await client.post("/api/v1/tickets/T2026999999/accept", json={}, headers=headers)
    assert answer.status_code == 404
