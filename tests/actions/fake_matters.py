"""The part of the fake CRM that keeps matters: claim drafts, documents, changes, surrender, tasks and consents."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml
from fastapi import FastAPI, Header, Request
from fastapi.responses import JSONResponse, Response

CATALOGUE = yaml.safe_load(
    (Path(__file__).parents[2] / "backend" / "claims" / "catalogue.yml").read_text("utf-8")
)
REQUIRED = ("policy_number", "type", "incident_date", "description")
FIELDS = {
    *REQUIRED,
    "product_type",
    "incident_place",
    "claimed_amount",
    "injured",
    "contact_phone",
    "version",
}
SENSITIVE = {"payment_account", "beneficiary", "surrender"}
CHANNELS = {"w": "web", "s": "sms", "x": "wechat"}
DECLINED = "C2026000909"
"""A claim that was declined; it is found by its number only."""


def problem(status: int, code: str, **more: Any) -> JSONResponse:
    """Return an error as the contract shows it."""
    return JSONResponse({"type": "about:blank", "status": status, "code": code, **more}, status_code=status)


def needed(kind: str | None) -> list[dict[str, Any]]:
    """Return the documents a kind of claim needs."""
    codes = CATALOGUE["types"][kind]["documents"] if kind else []
    return [{"code": code, "name": CATALOGUE["documents"][code], "is_required": True} for code in codes]


class Matters:
    """What one customer has begun; every contact that is verified is that customer."""

    def __init__(self, policies: list[dict[str, Any]], claims: list[dict[str, Any]]) -> None:
        """Take the customer's policies and claims."""
        self.policies = policies
        self._first_claims = claims
        self.reset()

    def reset(self) -> None:
        """Forget everything but the policies and the claims of the beginning."""
        self.claims = [dict(claim) for claim in self._first_claims]
        self.draft: dict[str, Any] | None = None
        self.documents: dict[str, dict[str, Any]] = {}
        self.changes: list[dict[str, Any]] = []
        self.tasks: list[dict[str, Any]] = []
        self.consents: list[dict[str, Any]] = []
        self.disputes: list[dict[str, str]] = []
        self.is_fresh = True

    def product_of(self, number: str | None) -> str | None:
        """Return the product of a policy."""
        return next((one["product_type"] for one in self.policies if one["number"] == number), None)

    def shown(self) -> dict[str, Any] | None:
        """Return the draft as the API shows it."""
        if self.draft is None:
            return None
        files = [
            one
            for one in self.documents.values()
            if one["attached_to"] and one["attached_to"]["kind"] == "draft"
        ]
        return {
            **self.draft,
            "documents": [{"id": one["id"], "code": one["code"], "name": "photo.jpg"} for one in files],
            "documents_needed": needed(self.draft["type"]),
            "missing": [name for name in REQUIRED if not self.draft.get(name)],
        }

    def change(self, fields: dict[str, Any], channel: str) -> dict[str, Any] | JSONResponse:
        """Change or begin the draft."""
        unknown = set(fields) - FIELDS
        if unknown:
            return problem(422, "invalid", field=unknown.pop())
        if str(fields.get("incident_date") or "") > "2026-11-22":
            return problem(422, "invalid", field="incident_date")
        if self.draft is None:
            self.draft = {"id": 1, "version": 0, "started_on": channel} | dict.fromkeys(FIELDS - {"version"})
        self.draft |= fields
        self.draft["version"] += 1
        if "policy_number" in fields:
            self.draft["product_type"] = self.product_of(fields["policy_number"])
        kind, product = self.draft["type"], self.draft["product_type"]
        if kind and product and product not in CATALOGUE["types"][kind]["products"]:
            self.draft["type"] = None
        return self.shown() or {}

    def confirm(self) -> dict[str, Any] | JSONResponse:
        """Make the draft a claim."""
        draft = self.shown()
        if draft is None or draft["missing"]:
            return problem(409, "incomplete", missing=draft["missing"] if draft else list(REQUIRED))
        claim = {
            **dict.fromkeys(("approved_amount", "paid_date", "decision_reason")),
            "number": f"C20260002{len(self.claims):02d}",
            "policy_number": draft["policy_number"],
            "product_type": draft["product_type"],
            "stage": "awaiting_documents",
            "incident_date": draft["incident_date"],
            "reported_date": "2026-11-22",
            "stage_since": "2026-11-22",
            "next_step_by": "2026-12-02",
            "missing_documents": needed(draft["type"]),
            "claimed_amount": None,
        }
        self.claims.insert(0, claim)
        self.draft = None
        return {"claim": claim, "documents_needed": needed(draft["type"]), "approved_by_rule": False}

    def document(self, document_id: str, is_verified: bool) -> dict[str, Any]:
        """Return a file as the API shows it; it attaches itself where that is clear."""
        fresh = {"id": document_id, "state": "stored", "reason": None, "attached_to": None, "code": None}
        one = self.documents.setdefault(document_id, fresh)
        if document_id.startswith("bad"):
            one["state"] = "rejected"
        waiting = [claim for claim in self.claims if claim["missing_documents"]]
        if is_verified and not one["attached_to"] and one["state"] == "stored":
            if self.draft:
                one["attached_to"] = {"kind": "draft", "number": None}
            elif len(waiting) == 1:
                one["attached_to"] = {"kind": "claim", "number": waiting[0]["number"]}
        target = one["attached_to"]
        candidates = [] if target or not is_verified else waiting
        lacking = needed(self.draft["type"]) if target and target["kind"] == "draft" and self.draft else []
        if target and target["kind"] == "claim":
            lacking = next(c for c in self.claims if c["number"] == target["number"])["missing_documents"]
        return {
            **one,
            "candidates": [{key: c[key] for key in ("number", "product_type")} for c in candidates],
            "still_missing": [doc for doc in lacking if doc["code"] != one["code"]],
        }


def add_matters(app: FastAPI, matters: Matters, level_of: Any, refuse: Any) -> None:
    """Add the routes to the fake CRM; `level_of` tells a message's identity level."""
    done: dict[str, Any] = {}

    def once(key: str, answer: Any) -> Any:
        if key not in done:
            done[key] = answer()
        return done[key]

    @app.middleware("http")
    async def guard(request: Request, call_next: Any) -> Any:
        path = request.url.path.removeprefix("/api/v1/bot/")
        level = level_of(request.headers.get("X-Anda-Message", ""))
        if path.startswith(("claims/draft", "changes", "surrender")) and level < 2:
            return refuse(2)
        return await call_next(request)

    @app.get("/api/v1/bot/claims/draft")
    async def read_draft() -> Any:
        return {"draft": matters.shown()}

    @app.patch("/api/v1/bot/claims/draft")
    async def change_draft(body: dict[str, Any], x_anda_message: str = Header()) -> Any:
        return matters.change(body, CHANNELS.get(x_anda_message[0], "web"))

    @app.post("/api/v1/bot/claims/draft/confirm")
    async def confirm(idempotency_key: str = Header()) -> Any:
        return once(idempotency_key, matters.confirm)

    @app.delete("/api/v1/bot/claims/draft")
    async def drop() -> Response:
        matters.draft = None
        return Response(status_code=204)

    @app.get("/api/v1/bot/claims/materials")
    async def materials(product_type: str | None = None) -> Any:
        return {
            "types": [
                {
                    "type": code,
                    "name": one["name"],
                    "product_type": one["products"][0],
                    "documents": needed(code),
                }
                for code, one in CATALOGUE["types"].items()
                if product_type in (None, *one["products"])
            ]
        }

    @app.post("/api/v1/bot/claims/{number}/disputes")
    async def dispute(
        number: str, body: dict[str, str], x_anda_message: str = Header(), idempotency_key: str = Header()
    ) -> Any:
        claim = next((one for one in matters.claims if one["number"] == number), None)
        if level_of(x_anda_message) < 2:
            return refuse(2)
        if claim is None and number != DECLINED:
            return problem(404, "not_found")
        if claim is not None:
            return problem(409, "not_decided")
        if any(one["key"] != idempotency_key for one in matters.disputes):
            return problem(409, "dispute_open")
        matters.disputes = [{"key": idempotency_key, **body}]
        return {"id": 1, **body, "ticket_number": "T2026000088", "due_on": "2026-11-27"}

    @app.get("/api/v1/bot/documents/{document_id}")
    async def read_document(document_id: str, x_anda_message: str = Header()) -> Any:
        return matters.document(document_id, level_of(x_anda_message) == 2)

    @app.post("/api/v1/bot/documents/{document_id}/attach")
    async def attach(document_id: str, body: dict[str, str]) -> Any:
        one = matters.documents[document_id]
        if body.get("claim_number"):
            one["attached_to"] = {"kind": "claim", "number": body["claim_number"]}
        one["code"] = body.get("code") or one["code"]
        return matters.document(document_id, True)

    @app.post("/api/v1/bot/changes")
    async def ask_change(body: dict[str, Any], idempotency_key: str = Header()) -> Any:
        if body["kind"] in SENSITIVE and not matters.is_fresh:
            return problem(403, "reverify_required")
        matters.changes.append(body)
        number = f"H20260000{len(matters.changes):02d}"
        return once(
            idempotency_key,
            lambda: {
                "id": len(matters.changes),
                "number": number,
                "kind": body["kind"],
                "state": "asked",
                "ticket_number": "T2026000077",
                "summary": {"zh": "变更", "en": "change"},
                "mode": "bot",
                "is_open": True,
                "opens_at": None,
            },
        )

    @app.get("/api/v1/bot/surrender")
    async def surrender(policy_number: str) -> Any:
        product = matters.product_of(policy_number)
        if product is None:
            return problem(404, "not_found")
        return {
            "policy_number": policy_number,
            "product_name": {"zh": "安行家用车险", "en": "Safe Journey Auto"},
            "is_cooling_off": False,
            "cash_value": {"amount": "1830.00", "currency": "CNY"},
            "refund": None,
            "loses": ["cover", "no_claim_discount"],
            "alternatives": ["use_grace_period", "pay_monthly"],
        }

    @app.post("/api/v1/bot/tasks")
    async def add_task(body: dict[str, Any], idempotency_key: str = Header()) -> Any:
        matters.tasks.append(body)
        answer = {
            "number": "K2026000001",
            "kind": body["kind"],
            "due_at": "2026-11-23T09:00:00Z",
            "owner": None,
        }
        return once(idempotency_key, lambda: answer)

    @app.post("/api/v1/bot/consents")
    async def consent(body: dict[str, Any], idempotency_key: str = Header()) -> Any:
        matters.consents.append(body)
        return {"items": [{**body, "channel": "web"}]}
