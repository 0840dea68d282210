"""The desk: tickets, complaints, canned replies and tasks."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from tests.api.good_requests.world import Ask, Said, World, bare, good, some

TICKET = "/api/v1/tickets/{number}"
bare("GET /api/v1/tickets", "GET /api/v1/complaints", "GET /api/v1/complaints/figures")
bare("GET /api/v1/canned-replies", "GET /api/v1/tasks")


def opened(world: World, kind: str = "inquiry", said: Said | None = None) -> str:
    """A ticket that the bot opened for a new contact, or for the one of `said`."""
    ask = Ask(json={"kind": kind, "summary": "客户要找人"}, headers=(said or world.says()).headers)
    number: str = world.ask("service", "POST /api/v1/bot/tickets", ask)["number"]
    return number


def accepted(world: World, role: str) -> dict[str, Any]:
    """What fills the path to a ticket that this role's agent has."""
    fill = {"number": opened(world)}
    world.do(role, f"POST {TICKET}/accept", json={}, **fill)
    return fill


@good(f"GET {TICKET}")
def read(world: World, role: str) -> Ask:
    return Ask({"number": opened(world)})


@good(f"GET {TICKET}/transcript")
def transcript(world: World, role: str) -> Ask:
    return Ask({"number": opened(world)})


@good(f"POST {TICKET}/accept")
def accept(world: World, role: str) -> Ask:
    return Ask({"number": opened(world)}, {})


@good(f"POST {TICKET}/assign")
def assign(world: World, role: str) -> Ask:
    team = world.do("admin", "GET /api/v1/agents")["items"]
    other = next(one["id"] for one in team if one["username"] == "zhang.wei")
    return Ask(accepted(world, role), {"agent_id": other, "note": "请接手"})


@good(f"POST {TICKET}/bot-task")
def begin_bot_task(world: World, role: str) -> Ask:
    return Ask(accepted(world, role), {"kind": "verify_identity"})


@good(f"POST {TICKET}/bot-task/cancel")
def cancel_bot_task(world: World, role: str) -> Ask:
    fill = accepted(world, role)
    world.do(role, f"POST {TICKET}/bot-task", json={"kind": "verify_identity"}, **fill)
    return Ask(fill, {})


def sheet() -> dict[str, Any]:
    """A PDF of the desk's."""
    return {"file": ("分割单.pdf", b"%PDF-1.4\ntrailer<<>>\n%%EOF\n", "application/pdf")}


@good(f"POST {TICKET}/files")
def send_file(world: World, role: str) -> Ask:
    return Ask(accepted(world, role), files=sheet())


@good(f"POST {TICKET}/suggestion")
def suggestion(world: World, role: str) -> Ask:
    return Ask({"number": opened(world)}, {})


@good(f"POST {TICKET}/merge")
def merge(world: World, role: str) -> Ask:
    said = world.says()
    return Ask({"number": opened(world, "callback", said)}, {"into": opened(world, said=said)})


@good(f"POST {TICKET}/notes")
def note(world: World, role: str) -> Ask:
    return Ask(accepted(world, role), {"text": "已核对发票"})


@good(f"POST {TICKET}/reply")
def reply(world: World, role: str) -> Ask:
    return Ask(accepted(world, role), {"text": "您好，发票收到了。"})


@good(f"POST {TICKET}/resolve")
def resolve(world: World, role: str) -> Ask:
    return Ask(accepted(world, role), {"outcome": "answered"})


@good(f"POST {TICKET}/reopen")
def reopen(world: World, role: str) -> Ask:
    fill = accepted(world, role)
    world.do(role, f"POST {TICKET}/resolve", json={"outcome": "answered"}, **fill)
    return Ask(fill, {})


@good(f"POST {TICKET}/return-to-bot")
def return_to_bot(world: World, role: str) -> Ask:
    return Ask(accepted(world, role), {"note": "已答复"})


@good(f"POST {TICKET}/transfer")
def transfer(world: World, role: str) -> Ask:
    return Ask(accepted(world, role), {"skill": "claims"})


@good(f"POST {TICKET}/wait")
def wait(world: World, role: str) -> Ask:
    return Ask(accepted(world, role), {})


@good(f"POST {TICKET}/continue")
def go_on(world: World, role: str) -> Ask:
    fill = accepted(world, role)
    world.do(role, f"POST {TICKET}/wait", json={}, **fill)
    return Ask(fill, {})


@good("GET /api/v1/complaints/{number}")
def read_complaint(world: World, role: str) -> Ask:
    return Ask({"number": opened(world, "complaint")})


@good("PATCH /api/v1/complaints/{number}")
def classify(world: World, role: str) -> Ask:
    fill = {"number": opened(world, "complaint")}
    known = world.do("admin", "GET /api/v1/complaints/{number}", **fill)
    return Ask(fill, {"severity": "major", "version": known["version"]})


@good("POST /api/v1/complaints/{number}/proposal")
def proposal(world: World, role: str) -> Ask:
    return Ask({"number": opened(world, "complaint")})


@good("GET /api/v1/conversations/{conversation_id}/allowance")
def allowance(world: World, role: str) -> Ask:
    return Ask({"conversation_id": world.says().conversation_id})


def canned() -> dict[str, str]:
    words = {
        "title_zh": "发票",
        "title_en": "Invoice",
        "text_zh": "{surname}您好",
        "text_en": "Dear {surname}",
    }
    return words | {"shortcut": some()}


def written(world: World) -> dict[str, Any]:
    made: dict[str, Any] = world.do("admin", "POST /api/v1/canned-replies", json=canned())
    return made


@good("POST /api/v1/canned-replies")
def add_canned(world: World, role: str) -> Ask:
    return Ask(json=canned())


@good("PUT /api/v1/canned-replies/{reply_id}")
def change_canned(world: World, role: str) -> Ask:
    made = written(world)
    return Ask({"reply_id": made["id"]}, canned() | {"version": made["version"]})


@good("DELETE /api/v1/canned-replies/{reply_id}")
def remove_canned(world: World, role: str) -> Ask:
    return Ask({"reply_id": written(world)["id"]})


@good("GET /api/v1/canned-replies/{reply_id}/for/{number}")
def fill_canned(world: World, role: str) -> Ask:
    return Ask({"reply_id": written(world)["id"], "number": opened(world)})


def task() -> dict[str, Any]:
    due = datetime.now(UTC) + timedelta(days=1)
    return {"kind": "callback", "summary": "说明重疾险等待期", "due_at": due.isoformat()}


def made_task(world: World) -> dict[str, Any]:
    made: dict[str, Any] = world.do("admin", "POST /api/v1/tasks", json=task())
    return made


@good("POST /api/v1/tasks")
def add_task(world: World, role: str) -> Ask:
    return Ask(json=task())


@good("GET /api/v1/tasks/{number}")
def read_task(world: World, role: str) -> Ask:
    return Ask({"number": made_task(world)["number"]})


@good("PATCH /api/v1/tasks/{number}")
def change_task(world: World, role: str) -> Ask:
    made = made_task(world)
    return Ask({"number": made["number"]}, {"version": made["version"], "summary": "改期"})


@good("POST /api/v1/tasks/{number}/close")
def close_task(world: World, role: str) -> Ask:
    return Ask({"number": made_task(world)["number"]}, {"state": "done", "outcome": "已回电"})


@good("POST /api/v1/tasks/{number}/take")
def take_task(world: World, role: str) -> Ask:
    return Ask({"number": made_task(world)["number"]}, {})
