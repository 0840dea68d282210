"""Other systems and the house itself: push, feeds, imports, reports, audit, dead letters, health."""

from __future__ import annotations

from typing import Any

from tests.api.good_requests.insured import claim_push, customer_push, insured, policy_push
from tests.api.good_requests.world import Ask, World, bare, digits, good, some

bare("GET /api/v1/feeds/changes", "GET /api/v1/feeds/claims", "GET /api/v1/feeds/customers", limit=5)
bare("GET /api/v1/feeds/policies", limit=5)
bare("GET /api/v1/audit", "GET /api/v1/audit/verification")
bare("GET /api/v1/dead-letters", "GET /api/v1/dead-letters/counts")
bare("GET /api/v1/reports/figures", "GET /api/v1/reports/live", "GET /api/v1/imports")
bare("GET /api/v1/imports/template", kind="customers")
bare("GET /health/live", "GET /health/ready")


@good("GET /health/parts")
def parts(world: World, role: str) -> Ask:
    beat = "INSERT INTO heartbeats (name, at) VALUES ('worker', now()) ON CONFLICT (name) DO UPDATE SET at = now()"
    world.sql(beat)
    return Ask()


@good("POST /api/v1/push/customers")
def push_customers(world: World, role: str) -> Ask:
    return Ask(json=customer_push(some("c"), some("客户")))


@good("POST /api/v1/push/policies")
def push_policies(world: World, role: str) -> Ask:
    return Ask(json=policy_push(insured(world).external_id, f"P{digits(10)}"))


@good("POST /api/v1/push/claims")
def push_claims(world: World, role: str) -> Ask:
    return Ask(json=claim_push(insured(world).policy, f"C{digits(10)}"))


def table() -> Ask:
    rows = f"客户编号,姓名\n{some('c')},王小明\n".encode()
    return Ask(files={"file": ("customers.csv", rows, "text/csv")}, data={"kind": "customers"})


def imported(world: World) -> dict[str, Any]:
    return {"run_id": world.ask("admin", "POST /api/v1/imports", table())["id"]}


@good("POST /api/v1/imports")
def begin_import(world: World, role: str) -> Ask:
    return table()


def any_import(world: World, role: str) -> Ask:
    return Ask(imported(world))


good("GET /api/v1/imports/{run_id}")(any_import)
good("GET /api/v1/imports/{run_id}/report")(any_import)
good("POST /api/v1/imports/{run_id}/cancel")(any_import)


def figure(world: World, role: str) -> Ask:
    return Ask({"name": "answer_rate"})


good("GET /api/v1/reports/figures/{name}/csv")(figure)
good("GET /api/v1/reports/figures/{name}/rows")(figure)


def volumes(world: World, role: str) -> Ask:
    return Ask({"by": "channel"})


@good("GET /api/v1/reports/volumes/{by}/rows")
def volume_rows(world: World, role: str) -> Ask:
    return Ask({"by": "channel"}, params={"name": "web"})


@good("GET /api/v1/reports/conversations/{conversation_id}")
def conversation(world: World, role: str) -> Ask:
    return Ask({"conversation_id": world.says().conversation_id})


good("GET /api/v1/reports/volumes/{by}")(volumes)
good("GET /api/v1/reports/volumes/{by}/csv")(volumes)


def failed(world: World) -> dict[str, Any]:
    """A message that the bot could not answer."""
    said = world.says()
    world.sql("UPDATE inbound_messages SET state = 'failed' WHERE id = %s", said.message_id)
    return {"ids": [f"inbound-{said.message_id}"]}


def dead(world: World, role: str) -> Ask:
    return Ask(json=failed(world))


good("POST /api/v1/dead-letters/dismiss")(dead)
good("POST /api/v1/dead-letters/replay")(dead)
