"""Agents, signing in, tokens, webhooks and business settings."""

from __future__ import annotations

import time
from typing import Any

import pyotp

from tests.api.good_requests.world import Ask, World, bare, good, some

bare("GET /api/v1/agents", "GET /api/v1/auth/me", "GET /api/v1/auth/sessions", "GET /api/v1/auth/totp")
bare("GET /api/v1/tokens", "GET /api/v1/webhooks", "GET /api/v1/settings")


def hired(world: World, role: str = "agent") -> dict[str, Any]:
    """A new agent of this role (a tool is none), with the first `password`."""
    body = {"name": "新来的", "username": some("new."), "role": "agent" if role == "service" else role}
    made: dict[str, Any] = world.do("admin", "POST /api/v1/agents", json=body)
    return made


def own(world: World, made: dict[str, Any]) -> dict[str, str]:
    """The header that makes a call the new agent's own."""
    return {"Cookie": world.session_of(made["username"], made["password"])}


@good("POST /api/v1/agents")
def add_agent(world: World, role: str) -> Ask:
    return Ask(json={"name": "新来的", "username": some("new."), "skills": ["claims"]})


@good("PUT /api/v1/agents/{agent_id}")
def change_agent(world: World, role: str) -> Ask:
    made = hired(world)
    body = {"name": "改了名", "role": "supervisor", "version": made["version"]}
    return Ask({"agent_id": made["id"]}, body)


def any_agent(world: World, role: str) -> Ask:
    return Ask({"agent_id": hired(world)["id"]})


good("POST /api/v1/agents/{agent_id}/password")(any_agent)
good("GET /api/v1/agents/{agent_id}/sessions")(any_agent)
good("DELETE /api/v1/agents/{agent_id}/sessions")(any_agent)


@good("POST /api/v1/auth/login")
def sign_in(world: World, role: str) -> Ask:
    made = hired(world, role)
    return Ask(
        json={"username": made["username"], "password": made["password"]}, headers={"Cookie": "none=1"}
    )


@good("POST /api/v1/auth/logout")
def sign_out(world: World, role: str) -> Ask:
    return Ask(headers=own(world, hired(world, role)))


@good("POST /api/v1/auth/password")
def new_password(world: World, role: str) -> Ask:
    made = hired(world, role)
    return Ask(json={"old": made["password"], "new": some("a-new-password-")}, headers=own(world, made))


@good("DELETE /api/v1/auth/sessions/{session_id}")
def end_session(world: World, role: str) -> Ask:
    made = hired(world, role)
    headers = own(world, made)
    fill = {"agent_id": made["id"]}
    (session,) = world.do("admin", "GET /api/v1/agents/{agent_id}/sessions", **fill)["items"]
    return Ask({"session_id": session["id"]}, headers=headers)


@good("POST /api/v1/auth/totp")
def begin_totp(world: World, role: str) -> Ask:
    return Ask(headers=own(world, hired(world, role)))


def enrolling(world: World, role: str) -> tuple[Ask, str]:
    """A new agent's first code of an authenticator app, and the password."""
    made = hired(world, role)
    headers = own(world, made)
    secret = world.ask("admin", "POST /api/v1/auth/totp", Ask(headers=headers))["secret"]
    return Ask(json={"otp": pyotp.TOTP(secret).now()}, headers=headers), made["password"]


@good("POST /api/v1/auth/totp/confirm")
def confirm_totp(world: World, role: str) -> Ask:
    return enrolling(world, role)[0]


@good("POST /api/v1/auth/totp/remove")
def remove_totp(world: World, role: str) -> Ask:
    code, password = enrolling(world, role)
    world.ask("admin", "POST /api/v1/auth/totp/confirm", code)
    return Ask(json={"password": password}, headers=code.headers)


@good("POST /api/v1/auth/totp/recovery-codes")
def renew_recovery_codes(world: World, role: str) -> Ask:
    headers = own(world, hired(world, role))
    secret = world.ask("admin", "POST /api/v1/auth/totp", Ask(headers=headers))["secret"]
    totp, now = pyotp.TOTP(secret), int(time.time())
    first, next_one = ({"otp": totp.at(now + ahead)} for ahead in (0, totp.interval))
    world.ask("admin", "POST /api/v1/auth/totp/confirm", Ask(json=first, headers=headers))
    return Ask(json=next_one, headers=headers)


@good("POST /api/v1/tokens")
def add_token(world: World, role: str) -> Ask:
    return Ask(json={"name": some(), "scopes": ["customers:read"]})


@good("DELETE /api/v1/tokens/{token_id}")
def revoke(world: World, role: str) -> Ask:
    body = {"name": some(), "scopes": ["customers:read"]}
    return Ask({"token_id": world.do("admin", "POST /api/v1/tokens", json=body)["id"]})


ENDPOINT = {"url": "https://1.1.1.1/anda", "events": ["ticket.*"], "is_active": False}


def endpoint(world: World) -> dict[str, Any]:
    return {"endpoint_id": world.do("admin", "POST /api/v1/webhooks", json=ENDPOINT)["id"]}


@good("POST /api/v1/webhooks")
def add_endpoint(world: World, role: str) -> Ask:
    return Ask(json=ENDPOINT)


@good("PUT /api/v1/webhooks/{endpoint_id}")
def change_endpoint(world: World, role: str) -> Ask:
    return Ask(endpoint(world), ENDPOINT)


@good("DELETE /api/v1/webhooks/{endpoint_id}")
def remove_endpoint(world: World, role: str) -> Ask:
    return Ask(endpoint(world))


@good("POST /api/v1/webhooks/{endpoint_id}/test")
def send_test(world: World, role: str) -> Ask:
    body = ENDPOINT | {"is_active": True, "events": ["ticket.tested"]}
    return Ask({"endpoint_id": world.do("admin", "POST /api/v1/webhooks", json=body)["id"]}, {})


@good("GET /api/v1/webhooks/{endpoint_id}/deliveries")
def deliveries(world: World, role: str) -> Ask:
    return Ask(endpoint(world))


@good("POST /api/v1/webhooks/{endpoint_id}/deliveries/{delivery_id}/replay")
def replay(world: World, role: str) -> Ask:
    fill = endpoint(world)
    event = world.sql(
        "INSERT INTO webhook_events (source, source_id, is_handed_out, noted_at) "
        "VALUES ('ticket_events', 1, true, now()) RETURNING id"
    )
    delivery = world.sql(
        "INSERT INTO webhook_deliveries (endpoint_id, event_id, type, payload, state, attempts, due_at) "
        "VALUES (%s, %s, 'ticket.opened', '{}', 'failed', 9, now()) RETURNING id",
        fill["endpoint_id"],
        event,
    )
    return Ask(fill | {"delivery_id": delivery})


DRAFT_DAYS = {"key": "claim_draft_days"}


def version(world: World) -> int:
    """The present one of the setting above."""
    settings = world.do("admin", "GET /api/v1/settings")["items"]
    found: int = next(one["version"] for one in settings if one["key"] == DRAFT_DAYS["key"])
    return found


@good("PUT /api/v1/settings/{key}")
def change_setting(world: World, role: str) -> Ask:
    return Ask(DRAFT_DAYS, {"value": 30, "version": version(world)})


@good("DELETE /api/v1/settings/{key}")
def reset_setting(world: World, role: str) -> Ask:
    return Ask(DRAFT_DAYS, params={"version": version(world)})


@good("GET /api/v1/settings/{key}/history")
def setting_history(world: World, role: str) -> Ask:
    return Ask(DRAFT_DAYS)
