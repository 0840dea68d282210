"""A small CRM and knowledge service that follow docs/contracts.md, for tests and for trying the bot by hand.

`python -m tests.actions.fake_crm PORT` serves both on one port. The stored message's id carries the contact:
`{contact}-{number}`. The first letter is the channel (w, s, x for WeChat); a second letter `k` is known by number, `v`
is verified from the start.
"""

from __future__ import annotations

import sys
from typing import Any

from fastapi import FastAPI, Header, Request
from fastapi.responses import JSONResponse

from tests.actions.fake_matters import Matters, add_matters

CODE = "246810"
PHONES = {"13800138000": "123X", "+15555550123": "0123"}
MONEY = {"amount": "4200.00", "currency": "CNY"}


def policy(number: str, product_type: str, zh: str, en: str) -> dict[str, Any]:
    """Return a policy as the contract shows it."""
    return {
        "number": number,
        "product_type": product_type,
        "product_name": {"zh": zh, "en": en},
        "status": "active",
        "insured_name": "王芳",
        "start_date": "2026-03-01",
        "end_date": "2027-02-28",
        "sum_insured": {"amount": "300000.00", "currency": "CNY"},
        "premium": MONEY,
        "payment_frequency": "annual",
        "coverages": [
            {
                "name": {"zh": "第三者责任", "en": "Third-party liability"},
                "sum_insured": {"amount": "200000.00", "currency": "CNY"},
                "deductible": {"amount": "500.00", "currency": "CNY"},
                "waiting_period_days": 0,
            }
        ],
    }


POLICIES = [
    policy("P2024000123", "auto", "安行家用车险", "Safe Journey Auto"),
    policy("P2025000045", "medical", "安心百万医疗", "Peace Medical"),
]
CLAIMS = [
    {
        "number": "C2026000101",
        "policy_number": "P2025000045",
        "product_type": "medical",
        "stage": "under_review",
        "incident_date": "2026-11-01",
        "reported_date": "2026-11-02",
        "stage_since": "2026-11-10",
        "next_step_by": "2026-11-24",
        "missing_documents": [
            {"code": "invoice", "name": {"zh": "医疗费发票原件", "en": "Original medical invoices"}}
        ],
        "claimed_amount": {"amount": "3200.00", "currency": "CNY"},
        "approved_amount": None,
        "paid_date": None,
        "decision_reason": None,
    },
]
ARTICLE = {
    "article": "cooling-off-period",
    "language": "zh",
    "title": "犹豫期",
    "passage": "长期保险的犹豫期为 15 天。",
    "source": "条款",
    "score": 0.83,
}


def create_app() -> FastAPI:
    """Return a fresh CRM with its own memory."""
    app = FastAPI()
    levels: dict[str, int] = {}
    waiting: dict[str, bool] = {}
    tickets: dict[str, dict[str, Any]] = {}
    answered: dict[str, Any] = {}
    app.state.calls = calls = []
    app.state.is_down = False
    app.state.mode = "bot"
    app.state.wait_seconds = None
    app.state.matters = matters = Matters(POLICIES, [dict(claim) for claim in CLAIMS])

    def contact(message: str) -> str:
        return message.split("-")[0]

    def refuse(level: int) -> JSONResponse:
        return JSONResponse(
            {
                "type": "about:blank",
                "title": "Forbidden",
                "status": 403,
                "code": "identity_required",
                "required_level": level,
            },
            status_code=403,
        )

    def missing() -> JSONResponse:
        return JSONResponse({"title": "Not found", "status": 404, "code": "not_found"}, status_code=404)

    add_matters(app, matters, lambda message: level_of(message), refuse)

    @app.middleware("http")
    async def outage(request: Request, call_next: Any) -> Any:
        calls.append((request.method, request.url.path, request.headers.get("Idempotency-Key")))
        if app.state.is_down:
            return JSONResponse({"title": "down"}, status_code=503)
        return await call_next(request)

    @app.post("/reset")
    async def reset() -> Any:
        for memory in (levels, waiting, tickets, answered):
            memory.clear()
        matters.reset()
        return {}

    @app.post("/stale")
    async def stale() -> Any:
        matters.is_fresh = False
        return {}

    def level_of(message: str) -> int:
        who = contact(message)
        return levels.get(who, {"v": 2, "k": 1}.get(who[1:2], 0))

    @app.get("/api/v1/bot/me")
    async def me(x_anda_message: str = Header()) -> Any:
        level = level_of(x_anda_message)
        known = {"surname": "王", "latin_surname": "Wang", "gender": "f"}
        known = known if level else dict.fromkeys(known)
        return {
            "level": level,
            **known,
            "channel": "web",
            "language": "zh-Hans",
            "mode": app.state.mode,
            "is_open": True,
            "opens_at": None,
            "known_on": [],
            "open_draft": level == 2 and matters.draft is not None,
            "tier": None,
        }

    @app.post("/api/v1/bot/verification")
    async def verification(
        body: dict[str, str], x_anda_message: str = Header(), idempotency_key: str = Header()
    ) -> Any:
        digits = body["phone"].lstrip("+")
        if not digits.isdigit() or len(digits) < 7:
            return JSONResponse({"title": "Invalid", "status": 422, "code": "invalid"}, status_code=422)
        waiting[contact(x_anda_message)] = PHONES.get(body["phone"]) == body["id_last4"]
        masked = f"{digits[:3]}****{digits[-4:]}"
        return {"status": "sent", "phone": masked, "wait_seconds": app.state.wait_seconds}

    @app.post("/api/v1/bot/verification/code")
    async def code(
        body: dict[str, str], x_anda_message: str = Header(), idempotency_key: str = Header()
    ) -> Any:
        who = contact(x_anda_message)
        if body["code"] == "000000":
            return {"status": "expired", "surname": None}
        if waiting.get(who) and body["code"] == CODE:
            levels[who] = 2
            matters.is_fresh = True
            return {"status": "verified", "surname": "王"}
        return {"status": "wrong", "surname": None}

    def guarded(path: str, answer: Any, level: int = 2) -> None:
        @app.get(f"/api/v1/bot/{path}")
        async def read(request: Request, x_anda_message: str = Header()) -> Any:
            if level_of(x_anda_message) < level:
                return refuse(level)
            found = answer(request, level_of(x_anda_message))
            return missing() if found is None else found

    guarded("policies", lambda request, level: {"items": POLICIES})
    guarded(
        "policies/{number}",
        lambda request, level: next(
            (one for one in POLICIES if one["number"] == request.path_params["number"]), None
        ),
    )
    guarded(
        "premiums",
        lambda request, level: {
            "items": [
                {
                    "policy_number": one["number"],
                    "product_type": one["product_type"],
                    "product_name": one["product_name"],
                    "due_date": "2026-12-01",
                    "amount": MONEY,
                    "status": "due",
                    "last_paid_date": "2025-12-01",
                    "grace_until": "2027-01-30",
                }
                for one in POLICIES
                if request.query_params.get("policy_number") in (None, one["number"])
            ]
        },
    )
    guarded(
        "beneficiaries",
        lambda request, level: {
            "items": [
                {
                    "policy_number": "P2025000045",
                    "name": "王小明",
                    "relationship": "child",
                    "share_percent": 100,
                }
            ]
        },
    )
    guarded("claims", lambda request, level: {"items": matters.claims})
    guarded(
        "claims/{number}",
        lambda request, level: next(
            (
                one
                if level == 2
                else {
                    key: one[key]
                    for key in (
                        "number",
                        "stage",
                        "product_type",
                        "incident_date",
                        "reported_date",
                        "stage_since",
                        "next_step_by",
                    )
                }
                for one in matters.claims
                if one["number"] == request.path_params["number"]
            ),
            None,
        ),
        level=1,
    )

    @app.post("/api/v1/bot/tickets")
    async def open_ticket(
        body: dict[str, str], x_anda_message: str = Header(), idempotency_key: str = Header()
    ) -> Any:
        if idempotency_key not in answered:
            number = f"T20260000{len(tickets) + 10}"
            tickets[number] = {
                "number": number,
                "kind": body["kind"],
                "status": "queued",
                "opened_at": "2026-11-22T01:00:00Z",
                "resolved_at": None,
                "summary": body["summary"],
            }
            app.state.opened = body
            answered[idempotency_key] = {
                "number": number,
                "kind": body["kind"],
                "mode": "human" if body["kind"] in ("inquiry", "urgent") else "bot",
                "is_open": True,
                "opens_at": None,
                "queue_position": 1,
                "created": True,
            }
        return answered[idempotency_key]

    @app.get("/api/v1/bot/tickets")
    async def list_tickets() -> Any:
        return {"items": list(tickets.values())}

    @app.get("/api/v1/bot/tickets/{number}")
    async def one_ticket(number: str) -> Any:
        return tickets.get(number) or missing()

    @app.post("/search")
    async def search(body: dict[str, Any]) -> Any:
        fits = any(
            word in body["query"].lower() for word in ("犹豫", "cooling", "等待期", "waiting period", "zzz")
        )
        app.state.asked = body
        is_close = fits or any(word in body["query"].lower() for word in ("保单贷款", "policy loan"))
        others = [
            {"article": "surrender-value", "language": "zh", "title": "退保能退多少", "score": 0.61},
            {"article": "far-away", "language": "zh", "title": "车辆被水淹", "score": 0.02},
        ]
        return {"fits": fits, "answer": ARTICLE if fits else None, "others": others if is_close else []}

    @app.get("/articles/{article}")
    async def article(article: str, language: str) -> Any:
        if article != "surrender-value":
            return missing()
        return {
            "article": article,
            "language": language,
            "title": "退保能退多少",
            "text": "犹豫期后退还现金价值。",
            "source": "条款",
        }

    return app


if __name__ == "__main__":
    import uvicorn

    uvicorn.run(create_app(), host="127.0.0.1", port=int(sys.argv[1]), log_level="warning")
