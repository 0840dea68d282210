"""Customers and what belongs to them: family, tags, standing, policies, changes, privacy."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from tests.api.good_requests.insured import TODAY, insured
from tests.api.good_requests.world import Ask, World, bare, good, some

CUSTOMER = "/api/v1/customers/{customer_id}"
bare("GET /api/v1/customers", "GET /api/v1/lapse-risks", "GET /api/v1/tags")
bare("GET /api/v1/policies", "GET /api/v1/products", "GET /api/v1/changes", limit=5)


def anybody(world: World, role: str) -> Ask:
    return Ask({"customer_id": world.customer()["id"]})


for operation in (
    f"GET {CUSTOMER}",
    f"GET {CUSTOMER}/claims",
    f"GET {CUSTOMER}/consents",
    f"GET {CUSTOMER}/data",
    f"GET {CUSTOMER}/family",
    f"GET {CUSTOMER}/interactions",
    f"GET {CUSTOMER}/overview",
    f"GET {CUSTOMER}/payment-accounts",
    f"GET {CUSTOMER}/policies",
    f"GET {CUSTOMER}/standing",
    f"GET {CUSTOMER}/tags",
    f"POST {CUSTOMER}/standing",
):
    good(operation)(anybody)


@good("POST /api/v1/customers")
def add(world: World, role: str) -> Ask:
    return Ask(json={"name": some("客户"), "language": "zh-Hans", "phone": "+8614200000199"})


@good("POST /api/v1/customers/search")
def search(world: World, role: str) -> Ask:
    return Ask(json={"q": "王芳"})


@good(f"PATCH {CUSTOMER}")
def change(world: World, role: str) -> Ask:
    made = world.customer()
    return Ask({"customer_id": made["id"]}, {"occupation": "教师", "version": made["version"]})


@good(f"POST {CUSTOMER}/consents")
def consent(world: World, role: str) -> Ask:
    return Ask({"customer_id": world.customer()["id"]}, {"purpose": "marketing", "given": True})


@good(f"PUT {CUSTOMER}/notice-channel")
def channel(world: World, role: str) -> Ask:
    return Ask({"customer_id": world.customer()["id"]}, {"channel": "sms"})


@good(f"POST {CUSTOMER}/erasure")
def erase(world: World, role: str) -> Ask:
    return Ask({"customer_id": world.customer()["id"]}, {"scope": "whole"})


@good(f"POST {CUSTOMER}/interactions")
def log_call(world: World, role: str) -> Ask:
    said = {"kind": "call", "direction": "outbound", "text": "回电说明等待期"}
    return Ask({"customer_id": world.customer()["id"]}, said)


@good(f"POST {CUSTOMER}/reveal")
def reveal(world: World, role: str) -> Ask:
    made = world.customer(phone="+8614200000198")
    return Ask({"customer_id": made["id"]}, {"field": "phone"})


@good(f"POST {CUSTOMER}/family")
def add_relative(world: World, role: str) -> Ask:
    return Ask({"customer_id": world.customer()["id"]}, {"relation": "son", "name": "小明"})


@good(f"DELETE {CUSTOMER}/family/{{member_id}}")
def remove_relative(world: World, role: str) -> Ask:
    fill = {"customer_id": world.customer()["id"]}
    body = {"relation": "son", "name": "小明"}
    world.do("admin", f"POST {CUSTOMER}/family", json=body, **fill)
    family = world.do("admin", f"GET {CUSTOMER}/family", **fill)
    return Ask(fill | {"member_id": family["items"][0]["id"]})


def tagged(world: World) -> dict[str, Any]:
    fill = {"customer_id": world.customer()["id"], "tag": some("标签")}
    world.do("admin", f"PUT {CUSTOMER}/tags/{{tag}}", **fill)
    return fill


@good(f"PUT {CUSTOMER}/tags/{{tag}}")
def tag(world: World, role: str) -> Ask:
    return Ask({"customer_id": world.customer()["id"], "tag": "VIP"})


@good(f"DELETE {CUSTOMER}/tags/{{tag}}")
def untag(world: World, role: str) -> Ask:
    return Ask(tagged(world))


def anything(world: World, role: str) -> Ask:
    return Ask({"number": insured(world).policy})


for operation in (
    "GET /api/v1/policies/{number}",
    "GET /api/v1/policies/{number}/instalments",
    "GET /api/v1/policies/{number}/payments",
):
    good(operation)(anything)


@good("GET /api/v1/products/{code}")
def product(world: World, role: str) -> Ask:
    return Ask({"code": "auto"})


@good("PUT /api/v1/policies/{number}/beneficiaries")
def beneficiaries(world: World, role: str) -> Ask:
    number = insured(world, "life").policy
    version = world.do("admin", "GET /api/v1/policies/{number}", number=number)["version"]
    shares = [{"name": "张磊", "relationship": "spouse", "share_percent": "100"}]
    return Ask({"number": number}, {"version": version, "beneficiaries": shares})


@good("POST /api/v1/policies/{number}/payments")
def premium(world: World, role: str) -> Ask:
    paid = {"amount": "4200.00", "paid_on": str(TODAY - timedelta(days=1)), "method": "bank"}
    return Ask({"number": insured(world).policy}, paid)


MOVED = {"kind": "contact", "details": {"field": "address", "value": "北京市朝阳区演示路 9 号"}}


def asked(world: World, by: str = "admin") -> dict[str, Any]:
    """A change of address that waits for somebody to confirm it."""
    customer = world.customer()["id"]
    made: dict[str, Any] = world.do(by, f"POST {CUSTOMER}/changes", json=MOVED, customer_id=customer)
    return made


@good(f"POST {CUSTOMER}/changes")
def ask(world: World, role: str) -> Ask:
    return Ask({"customer_id": world.customer()["id"]}, MOVED)


@good("GET /api/v1/changes/{number}")
def read_change(world: World, role: str) -> Ask:
    return Ask({"number": asked(world)["number"]})


@good("POST /api/v1/changes/{number}/reveal")
def reveal_change(world: World, role: str) -> Ask:
    return Ask({"number": asked(world)["number"]})


@good("POST /api/v1/changes/{number}/approve")
def approve(world: World, role: str) -> Ask:
    made = asked(world)
    return Ask({"number": made["number"]}, {"version": made["version"]})


@good("POST /api/v1/changes/{number}/decline")
def decline(world: World, role: str) -> Ask:
    made = asked(world)
    return Ask({"number": made["number"]}, {"version": made["version"], "reason": "not_confirmed"})


@good("POST /api/v1/changes/{number}/core")
def core_answers(world: World, role: str) -> Ask:
    made = asked(world)
    body = {"version": made["version"]}
    world.do("admin", "POST /api/v1/changes/{number}/approve", json=body, number=made["number"])
    return Ask({"number": made["number"]}, {"state": "applied", "reference": "END-2026-0815"})
