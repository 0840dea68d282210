"""Business settings: every one has its shape, is changed with its version, goes back to its default, and is audited."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from backend.core import business
from backend.core.business import DEFAULTS
from backend.core.errors import Invalid
from backend.settings.schemas import SCHEMAS
from backend.settings.service import checked
from tests.hiring import AtDesk, Hire


@pytest.fixture
async def admin(hire: Hire) -> AtDesk:
    return await hire(role="admin", name="赵敏")


async def put(admin: AtDesk, key: str, value: Any, version: int = 0) -> Any:
    return await admin.browser.put(f"/api/v1/settings/{key}", json={"value": value, "version": version})


def test_every_default_fits_the_shape_of_its_setting() -> None:
    assert SCHEMAS.keys() == DEFAULTS.keys()
    for key, default in DEFAULTS.items():
        assert checked(key, default) == default, key


@pytest.mark.parametrize(
    ("key", "value", "field"),
    [
        ("claim_draft_days", "30", "value"),
        ("claim_draft_days", True, "value"),
        ("claim_draft_days", 0, "value"),
        ("service_hours", {"days": [0, 0], "opens": "08:30", "closes": "20:30"}, "value.days"),
        ("service_hours", {"days": [0], "opens": "20:30", "closes": "08:30"}, "value"),
        ("service_hours", {"days": [0], "opens": "8.30", "closes": "20:30"}, "value.opens"),
        ("routing", DEFAULTS["routing"] | {"warn_share": 1.5}, "value.warn_share"),
        ("routing", DEFAULTS["routing"] | {"queue_updates": {"fax": 60}}, "value.queue_updates.fax"),
        ("rate_limits", DEFAULTS["rate_limits"] | {"contact": "many"}, "value.contact"),
        ("ticket_clocks", {"inquiry": DEFAULTS["ticket_clocks"]["inquiry"]}, "value"),
        (
            "ticket_clocks",
            DEFAULTS["ticket_clocks"] | {"quote": {"first_response": {}, "outcome": {"hours": 72}}},
            "value.quote.first_response",
        ),
        ("tag_rules", [{"tag": "x", "all": [{"fact": "shoe_size", "at_least": 1}]}], "value.0.all.0.fact"),
        ("small_claims", DEFAULTS["small_claims"] | {"limit": "lots"}, "value.limit"),
        ("small_claims", DEFAULTS["small_claims"] | {"types": ["theft_of_time"]}, "value.types.0"),
        ("sms_templates_cn", {"reply_waiting": {"zh": "请点 https://a.example"}}, "value.reply_waiting.zh"),
        ("notice_caps", {"service": [10, 1]}, "value"),
        (
            "notice_lead_days",
            DEFAULTS["notice_lead_days"] | {"documents_missing": []},
            "value.documents_missing",
        ),
        ("notice_channels", ["web", "web"], "value"),
        ("core_system", {"is_connected": True, "password": "x"}, "value.password"),
    ],
)
def test_a_wrong_value_is_refused_with_the_place_that_is_wrong(key: str, value: Any, field: str) -> None:
    with pytest.raises(Invalid) as refused:
        checked(key, value)
    assert field in [one["field"] for one in refused.value.extra["errors"]]


async def test_a_setting_is_changed_used_and_goes_back(admin: AtDesk, session: AsyncSession) -> None:
    routing = DEFAULTS["routing"] | {"capacity": 3, "offer_seconds": 30}
    changed = (await put(admin, "routing", routing)).json()
    assert (changed["value"], changed["is_default"], changed["changed_by"]["name"]) == (
        routing,
        False,
        "赵敏",
    )
    assert await business.setting(session, "routing") == routing
    assert (await admin.get("/agents"))["capacity"] == 3
    await session.rollback()
    session.expire_all()

    reset = await admin.browser.delete(f"/api/v1/settings/routing?version={changed['version']}")
    assert reset.json()["is_default"] is True
    assert await business.setting(session, "routing") == DEFAULTS["routing"]
    history = (await admin.get("/settings/routing/history"))["items"]
    assert [(one["act"], one["name"], one["parts"]) for one in history] == [
        ("setting.reset", "赵敏", ["capacity", "offer_seconds"]),
        ("setting.changed", "赵敏", ["capacity", "offer_seconds"]),
    ]


async def test_who_read_an_older_value_overwrites_nobody(admin: AtDesk) -> None:
    first = (await put(admin, "claim_draft_days", 45)).json()
    late = await put(admin, "claim_draft_days", 60)
    assert (late.status_code, late.json()["code"]) == (409, "version_conflict")
    gone = await admin.browser.delete("/api/v1/settings/claim_draft_days?version=1")
    assert gone.status_code == 409
    second = (await put(admin, "claim_draft_days", 60, first["version"])).json()
    assert second["version"] > first["version"]


async def test_only_administrators_read_and_change_settings(admin: AtDesk, hire: Hire) -> None:
    boss = await hire(role="supervisor")
    assert (await boss.browser.get("/api/v1/settings")).status_code == 403
    assert (await put(boss, "claim_draft_days", 45)).status_code == 403
    assert (await put(admin, "no_such_setting", 45)).status_code == 404
    wrong = await put(admin, "claim_draft_days", "soon")
    assert (wrong.status_code, wrong.json()["errors"][0]["field"]) == (422, "value")
