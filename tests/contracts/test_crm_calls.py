"""What the actions send and read, against what the API takes and gives (its OpenAPI description)."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import httpx
import jsonschema_rs
import pytest
from fastapi import FastAPI

from actions import http as actions_http
from actions.crm import Crm
from actions.settings import settings

CALLS: dict[str, dict[str, Any]] = json.loads(Path(__file__).with_name("crm_calls.json").read_text("utf-8"))
PREFIX = "/api/v1/bot"


@cache
def described() -> dict[str, Any]:
    """The description of the routes that the bot calls."""
    from backend.articles.bot_api import bot_router as articles
    from backend.changes.bot_api import bot_router as changes
    from backend.claims.bot_api import bot_router as claims
    from backend.claims.document_bot_api import bot_router as documents
    from backend.claims.draft_bot_api import bot_router as drafts
    from backend.conversations.bot_api import bot_router as people
    from backend.notices.bot_api import bot_router as notices
    from backend.tasks.bot_api import bot_router as tasks
    from backend.tickets.bot_api import bot_router as tickets

    app = FastAPI()
    for router in (articles, changes, drafts, documents, claims, people, notices, tasks, tickets):
        app.include_router(router)
    return app.openapi()


def _schema_of(content: dict[str, Any]) -> dict[str, Any]:
    schema: dict[str, Any] = content["content"]["application/json"]["schema"]
    return {"components": described()["components"], **schema}


@pytest.mark.parametrize("name", sorted(CALLS))
def test_the_api_takes_what_the_actions_send(name: str) -> None:
    call = CALLS[name]
    operation = described()["paths"][PREFIX + call["path"]][call["method"].lower()]
    if "body" in call:
        jsonschema_rs.validate(_schema_of(operation["requestBody"]), call["body"])
    if "answer" in call:
        jsonschema_rs.validate(_schema_of(operation["responses"]["200"]), call["answer"])


SENT = {
    "read_draft": lambda crm: crm.draft(),
    "change_draft": lambda crm: crm.update_draft(CALLS["change_draft"]["body"]),
    "confirm_draft": lambda crm: crm.confirm_draft(),
    "drop_draft": lambda crm: crm.drop_draft(),
    "attach_document": lambda crm: crm.attach_document("371", "C2026000101", "invoice"),
    "change_phone": lambda crm: crm.request_change("contact", {"field": "phone", "value": "13911112222"}),
    "surrender_policy": lambda crm: crm.request_change("surrender", {}, "P2024000123"),
    "call_back": lambda crm: crm.add_task(
        "callback", "请回电", phone="13911114444", call_at="2026-11-23T15:00:00+08:00"
    ),
    "consent": lambda crm: crm.give_consent("marketing", False),
    "dispute": lambda crm: crm.dispute("C2026000909", "赔得太少"),
    "open_ticket": lambda crm: crm.open_ticket(
        "complaint",
        "sales · 业务员误导",
        "urgent",
        category="product",
        severity="major",
        product_type="life",
    ),
}


@pytest.mark.parametrize("name", sorted(SENT))
async def test_the_actions_send_it(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANDA_SERVICE_TOKEN", "test-token")
    settings.cache_clear()
    sent: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        sent.append(request)
        return httpx.Response(200, json={"draft": None})

    async with httpx.AsyncClient(transport=httpx.MockTransport(answer)) as client:
        monkeypatch.setattr(actions_http, "client", lambda: client)
        await SENT[name](Crm("918273"))
    call, request = CALLS[name], sent[0]
    path = call["path"].replace("{document_id}", "371").replace("{number}", "C2026000909")
    assert (request.method, request.url.path) == (call["method"], PREFIX + path)
    assert json.loads(request.content or b"null") == call.get("body")
    assert request.headers["X-Anda-Message"] == "918273"
    if call["method"] != "GET":
        assert request.headers["Idempotency-Key"].startswith("918273:")
