"""Claims: reporting, working on them, their documents and drafts."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import Any

from PIL import Image

from tests.api.good_requests.insured import (
    AMOUNT,
    TODAY,
    claim,
    declined,
    insured,
    reported,
    version_of,
)
from tests.api.good_requests.world import Ask, World, bare, digits, good, some

CLAIM = "/api/v1/claims/{claim_number}"
DRAFT = "/api/v1/customers/{customer_id}/claim-draft"
WHOLE = {"type": "auto_damage", "incident_date": str(TODAY - timedelta(days=2)), "description": "追尾"}
bare("GET /api/v1/claims", "GET /api/v1/claims/types")


def picture() -> bytes:
    """A PNG that nobody has handed in yet."""
    written = io.BytesIO()
    colour = tuple(int(digits(2)) for _ in range(3))
    Image.new("RGB", (40 + int(digits(1)), 30), colour).save(written, "PNG")
    return written.getvalue()


def upload(**fields: str) -> dict[str, Any]:
    return {"files": {"file": ("invoice.png", picture(), "image/png")}, "data": fields}


@good("POST /api/v1/claims")
def report(world: World, role: str) -> Ask:
    return Ask(json=WHOLE | {"policy_number": insured(world).policy})


@good(f"GET {CLAIM}")
def read(world: World, role: str) -> Ask:
    return Ask({"claim_number": reported(world)})


@good(f"PATCH {CLAIM}")
def correct(world: World, role: str) -> Ask:
    number = reported(world)
    return Ask({"claim_number": number}, {"claimed_amount": AMOUNT, "version": version_of(world, number)})


@good(f"POST {CLAIM}/decision")
def decide(world: World, role: str) -> Ask:
    number = claim(world)
    decision = {"decision": "approved", "approved_amount": AMOUNT, "reason": "covered"}
    return Ask({"claim_number": number}, decision | {"version": version_of(world, number)})


@good(f"POST {CLAIM}/disputes")
def dispute(world: World, role: str) -> Ask:
    return Ask({"claim_number": declined(world)}, {"reason": "客户认为免赔额不应扣两次"})


@good(f"POST {CLAIM}/disputes/{{dispute_id}}/close")
def close_dispute(world: World, role: str) -> Ask:
    number = declined(world)
    body = {"reason": "客户不同意"}
    disputed = world.do("admin", f"POST {CLAIM}/disputes", json=body, claim_number=number)
    fill = {"claim_number": number, "dispute_id": disputed["disputes"][0]["id"]}
    return Ask(fill, {"outcome": "upheld"})


@good(f"PATCH {CLAIM}/documents/{{code}}")
def waive(world: World, role: str) -> Ask:
    return Ask({"claim_number": reported(world), "code": "claim_form"}, {"is_required": False})


@good(f"POST {CLAIM}/events")
def event(world: World, role: str) -> Ask:
    told = {"event_id": some("E-"), "stage": "under_review", "occurred_at": f"{TODAY}T00:00:00Z"}
    return Ask({"claim_number": reported(world)}, told)


@good(f"POST {CLAIM}/files")
def hand_in(world: World, role: str) -> Ask:
    return Ask({"claim_number": reported(world)}, **upload(code="repair_invoice"))


def with_file(world: World) -> dict[str, Any]:
    """What fills the path to a claim's file; `name` is what it is stored by."""
    number = reported(world)
    ask = Ask({"claim_number": number}, **upload())
    (file,) = world.ask("admin", f"POST {CLAIM}/files", ask)["files"]
    return {"claim_number": number, "file_id": file["id"], "name": file["url"].rsplit("/", 1)[-1]}


@good(f"PATCH {CLAIM}/files/{{file_id}}")
def name_file(world: World, role: str) -> Ask:
    return Ask(with_file(world), {"code": "repair_invoice"})


@good(f"DELETE {CLAIM}/files/{{file_id}}")
def remove_file(world: World, role: str) -> Ask:
    return Ask(with_file(world))


@good("GET /api/v1/files/{name}")
def fetch_file(world: World, role: str) -> Ask:
    return Ask(with_file(world))


@good(f"POST {CLAIM}/files/from-message")
def from_message(world: World, role: str) -> Ask:
    holder = insured(world)
    media = world.sent_picture(picture(), holder.customer_id)
    return Ask({"claim_number": reported(world, holder)}, {"media_id": media.id, "code": "repair_invoice"})


@good(f"POST {CLAIM}/payment")
def pay(world: World, role: str) -> Ask:
    number = claim(world)
    decision = {"decision": "approved", "approved_amount": AMOUNT, "reason": "covered"}
    body = decision | {"version": version_of(world, number)}
    world.do("admin", f"POST {CLAIM}/decision", json=body, claim_number=number)
    return Ask({"claim_number": number}, {"amount": AMOUNT, "version": version_of(world, number)})


@good(f"POST {CLAIM}/transitions")
def move(world: World, role: str) -> Ask:
    number = claim(world)
    return Ask({"claim_number": number}, {"stage": "investigating", "version": version_of(world, number)})


def drafted(world: World) -> dict[str, Any]:
    """A customer with a draft that lacks nothing."""
    holder = insured(world)
    fill = {"customer_id": holder.customer_id}
    world.do("admin", f"PATCH {DRAFT}", json=WHOLE | {"policy_number": holder.policy}, **fill)
    return fill


@good(f"GET {DRAFT}")
def read_draft(world: World, role: str) -> Ask:
    return Ask(drafted(world))


@good(f"PATCH {DRAFT}")
def change_draft(world: World, role: str) -> Ask:
    return Ask(drafted(world), {"incident_place": "上海市演示路"})


@good(f"DELETE {DRAFT}")
def drop_draft(world: World, role: str) -> Ask:
    return Ask(drafted(world))


@good(f"POST {DRAFT}/confirm")
def confirm_draft(world: World, role: str) -> Ask:
    return Ask(drafted(world), {})


@good(f"POST {DRAFT}/files")
def hand_in_for_draft(world: World, role: str) -> Ask:
    return Ask(drafted(world), **upload())
