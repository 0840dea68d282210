"""Every operation answers 2xx to a good request of each role that may send it, and refuses all the others."""

from __future__ import annotations

import httpx
import pytest
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute

from backend.core.access import SCOPES, Allowed, Role
from backend.main import ROUTERS
from tests.api.good_requests import articles, bot, claims, customers, desk, exchange, notices, people, review
from tests.api.good_requests.world import REQUESTS, World, some

AREAS = (articles, bot, claims, customers, desk, exchange, notices, people, review)
AGENTS = frozenset({"agent", "supervisor", "admin", "auditor"})
EVERYBODY = AGENTS | {"service"}
# Beside the scope: what only a person at the desk does, what only other systems do, what guards itself.
PERSONS = ("GET /api/v1/canned-replies/{reply_id}/for/{number}",)
SYSTEMS = (
    "POST /api/v1/changes/{number}/core",
    "POST /api/v1/push/claims",
    "POST /api/v1/push/customers",
    "POST /api/v1/push/policies",
)
OPEN = (
    "/health/",
    "/channels/web/uploads",
    "/channels/web/files",
    "/api/v1/auth/login",
    "/api/v1/auth/logout",
)


def scopes_of(dependant: Dependant) -> set[str]:
    """Every right that a route asks for."""
    found: set[str] = set()
    for part in dependant.dependencies:
        found |= {part.call.scope} if isinstance(part.call, Allowed) else scopes_of(part)
    return found


NEEDED = {
    f"{method} {route.path}": scopes_of(route.dependant)
    for router in ROUTERS
    for route in router.routes
    if isinstance(route, APIRoute)
    for method in route.methods or ()
}


def who_may(operation: str) -> frozenset[str]:
    """The callers that this operation serves."""
    path = operation.split(" ", 1)[1]
    if path.startswith(OPEN):
        return EVERYBODY
    if path.startswith("/api/v1/auth/"):
        return AGENTS
    if path.startswith("/api/v1/bot/"):
        return frozenset({"service"})
    needed = NEEDED[operation]
    assert needed, operation
    may = frozenset(role for role in EVERYBODY if needed <= SCOPES[Role(role)])
    if operation in PERSONS:
        return may & AGENTS
    return may - AGENTS if operation in SYSTEMS else may


def test_every_operation_has_a_good_request(demo_url: str) -> None:
    paths = httpx.get(f"{demo_url}/openapi.json", trust_env=False, timeout=60).json()["paths"]
    described = {f"{method.upper()} {path}" for path, item in paths.items() for method in item}
    assert described - REQUESTS.keys() == set(), "operations without a good request"
    assert REQUESTS.keys() - described == set(), "requests of operations that are gone"


@pytest.mark.timeout(120)
@pytest.mark.parametrize("operation", sorted(REQUESTS))
def test_it_is_reached_by_those_who_may_and_by_nobody_else(world: World, operation: str) -> None:
    may = who_may(operation)
    for role in sorted(may):
        answer = world.send(role, operation, REQUESTS[operation](world, role))
        assert answer.is_success, f"{role}: {answer.status_code} {answer.text}"
    others = sorted(EVERYBODY - may)
    if others:
        ask = REQUESTS[operation](world, min(may, default="admin"))
        for role in others:
            answer = world.send(role, operation, ask)
            assert answer.status_code in (401, 403), f"{role}: {answer.status_code} {answer.text}"


@pytest.mark.parametrize("operation", SYSTEMS)
def test_what_only_other_systems_do_a_token_of_theirs_does(world: World, operation: str) -> None:
    body = {"name": some(), "scopes": sorted(NEEDED[operation])}
    token = world.do("admin", "POST /api/v1/tokens", json=body)["token"]
    world.callers["core"] = httpx.Client(
        base_url=world.base_url, trust_env=False, timeout=60, headers={"Authorization": f"Bearer {token}"}
    )
    answer = world.send("core", operation, REQUESTS[operation](world, "admin"))
    assert answer.is_success, answer.text
