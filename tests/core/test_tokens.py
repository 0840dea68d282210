"""Tokens of other systems: shown once, revoked for good, and good for their scopes and nothing more."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator

import httpx
import pytest
from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.core.access import SCOPES, Allowed, ApiToken, Role
from backend.core.audit import AuditEntry
from backend.core.tokens import OFFERED
from backend.main import ROUTERS
from tests.callers import signed_in, with_token

# Reached without a token: signing in, health, what platforms and customers call, pages. Each guards itself.
OPEN = re.compile(
    r"/api/v1/auth/|/health|/metrics|/channels/|/docs|/openapi.json|/console|/simulator|/$|/widget|/a/|/f/|/api/v1/bot/"
)


def scopes_of(dependant: Dependant) -> frozenset[str]:
    """The scopes that a route asks for, all of them."""
    found: set[str] = set()
    for part in dependant.dependencies:
        if isinstance(part.call, Allowed):
            found.add(part.call.scope)
        found |= scopes_of(part)
    return frozenset(found)


def routes() -> Iterator[tuple[str, str, frozenset[str]]]:
    """Method, path and scopes of every route of the product."""
    for router in ROUTERS:
        for route in router.routes:
            if isinstance(route, APIRoute):
                for method in sorted(route.methods - {"HEAD"}):
                    yield method, route.path, scopes_of(route.dependant)


def some(path: str) -> str:
    """The path of some record, which need not exist."""
    return re.sub(
        r"\{[^}]+\}", "999999", path
    )  # nobody has it: no call here takes away what the next one needs


def test_the_walk_finds_what_the_description_names(app: FastAPI) -> None:
    described = {path for path in app.openapi()["paths"] if not OPEN.match(path)}
    assert len(described) > 60
    assert described <= {path for _, path, _ in routes()}


def test_the_description_names_the_token_wherever_a_right_is_needed(app: FastAPI) -> None:
    described = app.openapi()
    (name, scheme), *others = described["components"]["securitySchemes"].items()
    assert (scheme["type"], scheme["scheme"], others) == ("http", "bearer", [])
    for method, path, scopes in routes():
        if scopes and path in described["paths"]:
            assert described["paths"][path][method.lower()]["security"] == [{name: []}], path


def test_every_route_of_the_api_asks_for_a_right() -> None:
    unguarded = {path for _, path, scopes in routes() if not scopes and not OPEN.match(path)}
    assert unguarded == set()
    asked_for = {scope for _, _, scopes in routes() for scope in scopes}
    assert asked_for <= SCOPES[Role.ADMIN], "rights that nobody can have"


@pytest.mark.timeout(300)
async def test_a_token_does_what_its_scopes_say_and_nothing_more(app: FastAPI, session: AsyncSession) -> None:
    """Every route is called with the scopes it asks for and no other, and with all others but one of those."""
    calls = [call for call in routes() if call[2]]
    every = sorted({scope for _, _, scopes in calls for scope in scopes})
    enough = {
        scopes: await with_token(app, session, *scopes, name="+".join(sorted(scopes)))
        for scopes in {scopes for _, _, scopes in calls}
    }
    lacking = {
        scope: await with_token(app, session, *set(every) - {scope}, name=f"without-{scope}")
        for scope in every
    }
    assert len(calls) > 60
    for method, path, scopes in calls:
        for scope in sorted(scopes):
            refused = await lacking[scope].request(method, some(path))
            assert (refused.status_code, refused.json()["code"]) == (403, "forbidden"), (method, path, scope)
        allowed = await enough[scopes].request(method, some(path))
        assert "This needs the right" not in allowed.text, (method, path, scopes)
        assert "This token is not known" not in allowed.text, (method, path, scopes)
        assert allowed.status_code < 500, (method, path, scopes, allowed.text)


async def test_no_token_opens_what_is_between_our_own_processes(app: FastAPI, session: AsyncSession) -> None:
    token = await with_token(app, session, *OFFERED)
    for method, path, _ in routes():
        if path.startswith("/api/v1/bot/"):
            answer = await token.request(method, some(path), headers={"X-Anda-Message": "1"})
            assert answer.status_code == 401, path


async def test_it_is_shown_once_and_stored_as_a_hash(app: FastAPI, session: AsyncSession) -> None:
    admin, _ = await signed_in(app, session, "admin")
    body = {"name": "core", "scopes": ["customers:read"]}
    made = (await admin.post("/api/v1/tokens", json=body)).json()
    client = httpx.AsyncClient(
        transport=httpx.ASGITransport(app=app),
        base_url="http://testserver",
        headers={"Authorization": f"Bearer {made['token']}"},
    )
    assert (await client.get("/api/v1/customers")).status_code == 200
    assert (await client.get("/api/v1/policies")).status_code == 403
    assert (await client.get("/api/v1/tokens")).status_code == 403
    (listed,) = (await admin.get("/api/v1/tokens")).json()["items"]
    assert "token" not in listed
    stored = await session.scalar(text("SELECT row_to_json(t)::text FROM api_tokens t"))
    assert made["token"] not in (stored or "")
    again = await admin.post("/api/v1/tokens", json=body)
    assert again.status_code == 409, "one name, one token"
    path = f"/api/v1/tokens/{made['id']}"
    answers = await asyncio.gather(*(admin.delete(path) for _ in range(2)))
    assert {answer.status_code for answer in answers} == {204}
    assert (await client.get("/api/v1/customers")).status_code == 401
    actions = list(await session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)))
    assert actions == ["token.made", "token.revoked"]


@pytest.mark.parametrize("scopes", [["bot"], ["tokens:write"], ["everything"], []])
async def test_some_rights_are_not_for_tokens(app: FastAPI, session: AsyncSession, scopes: list[str]) -> None:
    admin, _ = await signed_in(app, session, "admin")
    answer = await admin.post("/api/v1/tokens", json={"name": "core", "scopes": scopes})
    assert answer.status_code == 422
    assert list(await session.scalars(select(ApiToken))) == []


@pytest.mark.parametrize("role", ["agent", "supervisor", "auditor"])
async def test_only_administrators_make_tokens(app: FastAPI, session: AsyncSession, role: str) -> None:
    client, _ = await signed_in(app, session, role)
    body = {"name": "core", "scopes": ["customers:read"]}
    assert (await client.post("/api/v1/tokens", json=body)).status_code == 403
