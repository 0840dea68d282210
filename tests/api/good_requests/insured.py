"""Holders with policies and claims in the state that a request needs, told as an insurer's core system tells them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.api.good_requests.world import World, digits, some

AMOUNT = {"amount": "3200.00", "currency": "CNY"}
TODAY = datetime.now(UTC).date()


@dataclass(frozen=True)
class Insured:
    """A customer with one policy in force."""

    customer_id: int
    name: str
    external_id: str
    policy: str


def customer_push(external_id: str, name: str) -> dict[str, Any]:
    return {"items": [{"external_id": external_id, "version": 1, "name": name}]}


def policy_push(holder: str, number: str, product: str = "auto") -> dict[str, Any]:
    policy = {
        "external_id": number,
        "version": 1,
        "number": number,
        "product_code": product,
        "holder_external_id": holder,
        "insured_name": "王芳",
        "status": "active",
        "issued_on": str(TODAY - timedelta(days=400)),
        "start_date": str(TODAY - timedelta(days=35)),
        "end_date": str(TODAY + timedelta(days=330)),
        "sum_insured": "1000000.00",
        "premium": "4200.00",
        "payment_frequency": "annual",
        "cash_value": "900.00",
        "instalments": [{"due_date": str(TODAY + timedelta(days=5)), "amount": "4200.00"}],
    }
    return {"items": [policy]}


def claim_push(policy: str, number: str, stage: str = "under_review", **more: Any) -> dict[str, Any]:
    claim = {
        "external_id": number,
        "version": 1,
        "number": number,
        "policy_number": policy,
        "type": "auto_damage",
        "complexity": "complex",
        "incident_date": str(TODAY - timedelta(days=20)),
        "reported_date": str(TODAY - timedelta(days=19)),
        "stage": stage,
        "stage_since": f"{TODAY - timedelta(days=3)}T02:00:00Z",
        "claimed_amount": "3200.00",
        "documents": [],
    }
    return {"items": [claim | more]}


def insured(world: World, product: str = "auto") -> Insured:
    """A new holder of a new policy."""
    name, external_id, number = some("客户"), some("c"), f"P{digits(10)}"
    pushed(world, "POST /api/v1/push/customers", customer_push(external_id, name))
    pushed(world, "POST /api/v1/push/policies", policy_push(external_id, number, product))
    found = world.callers["admin"].get("/api/v1/customers", params={"name": name}).json()["items"]
    return Insured(found[0]["id"], name, external_id, number)


def pushed(world: World, operation: str, body: dict[str, Any]) -> None:
    outcome = world.do("service", operation, json=body)
    assert "created" in str(outcome), outcome


def claim(world: World, stage: str = "under_review", holder: Insured | None = None, **more: Any) -> str:
    """The number of a claim in this stage."""
    number = f"C{digits(10)}"
    policy = (holder or insured(world)).policy
    pushed(world, "POST /api/v1/push/claims", claim_push(policy, number, stage, **more))
    return number


def reported(world: World, holder: Insured | None = None) -> str:
    """A claim reported to us: it waits for its documents."""
    body = {
        "policy_number": (holder or insured(world)).policy,
        "type": "auto_damage",
        "incident_date": str(TODAY - timedelta(days=2)),
        "description": "倒车时剐蹭石柱",
        "claimed_amount": AMOUNT,
    }
    number: str = world.do("admin", "POST /api/v1/claims", json=body)["number"]
    return number


def version_of(world: World, number: str) -> int:
    version: int = world.do("admin", "GET /api/v1/claims/{number}", number=number)["version"]
    return version


def declined(world: World, holder: Insured | None = None) -> str:
    """A claim that was declined."""
    number = claim(world, holder=holder)
    body = {"decision": "declined", "reason": "not_covered", "version": version_of(world, number)}
    world.do("admin", "POST /api/v1/claims/{number}/decision", json=body, number=number)
    return number
