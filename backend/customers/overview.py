"""Reads the 360° view in one statement and puts it into words."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from sqlalchemy import TextClause, text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.claims.models import Claim, Stage
from backend.claims.reading import document_name
from backend.claims.standards import next_step_by
from backend.core import clock
from backend.core.crypto import Vault
from backend.core.errors import NotFound
from backend.core.schemas import Money, Names
from backend.customers.family import seen_from_the_other_side
from backend.customers.models import ID_NUMBER, Relation
from backend.customers.names import surname_of
from backend.customers.overview_schemas import (
    ClaimShown,
    ConsentShown,
    DuePremium,
    Overview,
    PolicyShown,
    WaitsFor,
)
from backend.customers.schemas import CustomerRead, RelativeRead, StandingRead
from backend.customers.service import masked, shown_phone
from backend.notices.consents import DEFAULTS
from backend.policies.schemas import PremiumStatus

FILE = Path(__file__).with_suffix(".sql")
T = TypeVar("T")
Row = dict[str, Any]
# Which right each part needs; without it the part is null.
RIGHTS = {
    "policies": "policies:read",
    "claims": "claims:read",
    "draft": "claims:read",
    "tickets": "tickets:read",
    "tasks": "tasks:read",
    "changes": "changes:read",
    "interactions": "interactions:read",
    "consents": "notices:read",
}


@cache
def _statement() -> TextClause:
    return text(FILE.read_text(encoding="utf-8"))


async def overview(
    session: AsyncSession,
    vault: Vault,
    zone: ZoneInfo,
    customer_id: int,
    scopes: frozenset[str],
    *,
    shows_phones: bool,
) -> Overview:
    """Everything that matters of one customer; raises `NotFound`."""
    rows = await session.execute(_statement(), {"id": customer_id, "now": clock.now()})
    found = rows.mappings().one_or_none()
    if found is None:
        raise NotFound("There is no such customer.")
    today = clock.today(zone)
    told: Row = {
        "customer": _customer(found["customer"], found["tags"] or [], vault, shows_phones),
        "standing": _standing(found["customer"]["tier"], found["standing"]),
        "family": _each(found["family"], _relative),
        "channels": found["channels"] or [],
        "policies": _each(found["policies"], lambda row: _policy(row, today)),
        "claims": _each(found["claims"], lambda row: _claim(row, zone)),
        "draft": found["draft"],
        "tickets": found["tickets"] or [],
        "tasks": _each(found["tasks"], _task),
        "changes": found["changes"] or [],
        "interactions": found["interactions"] or [],
        "consents": _consents(found["consents"] or []),
    }
    for part, right in RIGHTS.items():
        if right not in scopes:
            told[part] = None
    return Overview.model_validate(told)


def _each(rows: list[Row] | None, read: Callable[[Row], T]) -> list[T]:
    return [read(row) for row in rows or ()]


def _customer(row: Row, tags: list[str], vault: Vault, shows_phones: bool) -> CustomerRead:
    sealed = row["id_number_sealed"]
    return CustomerRead.model_validate(
        row
        | {
            "tags": tags,
            "surname": surname_of(row["name"]),
            "phone": shown_phone(row["phone"], shows_phones),
            "id_number_masked": masked(vault.open(sealed, ID_NUMBER)) if sealed else None,
        }
    )


def _standing(tier: str, row: Row | None) -> StandingRead:
    nothing = {
        "value_points": 0,
        "value_parts": [],
        "risk_points": 0,
        "risk_reasons": [],
        "computed_at": None,
    }
    return StandingRead.model_validate((row or nothing) | {"tier": tier})


def _relative(row: Row) -> RelativeRead:
    relation = Relation(row["relation"])
    if not row["is_ours"]:
        relation = seen_from_the_other_side(relation, row["owner_gender"])
    return RelativeRead.model_validate(row | {"relation": relation})


def _policy(row: Row, today: date) -> PolicyShown:
    currency = row["currency"]
    return PolicyShown.model_validate(
        row
        | {
            "product_name": Names(zh=row["name_zh"], en=row["name_en"]),
            "sum_insured": Money(amount=row["sum_insured"], currency=currency),
            "premium": Money(amount=row["premium"], currency=currency),
            "due": _due(row, today) if row["due_date"] else None,
        }
    )


def _due(row: Row, today: date) -> DuePremium:
    due = date.fromisoformat(row["due_date"])
    return DuePremium(
        due_date=due,
        amount=Money(amount=row["due_amount"], currency=row["currency"]),
        status=PremiumStatus.OVERDUE if due < today else PremiumStatus.DUE,
        grace_until=due + timedelta(days=row["grace_days"]) if row["grace_days"] else None,
    )


def _claim(row: Row, zone: ZoneInfo) -> ClaimShown:
    # The standards read a claim; this one is never added to a session.
    claim = Claim(
        stage=row["stage"],
        complexity=row["complexity"],
        stage_since=datetime.fromisoformat(row["stage_since"]),
        review_since=datetime.fromisoformat(row["review_since"]) if row["review_since"] else None,
    )
    missing = row["missing"] or []
    waits = row["stage"] == Stage.AWAITING_DOCUMENTS or bool(missing)
    return ClaimShown.model_validate(
        row
        | {
            "waits_for": WaitsFor.CUSTOMER if waits else WaitsFor.INSURER,
            "missing_documents": [document_name(code) for code in missing],
            "next_step_by": next_step_by(claim, zone),
            "claimed_amount": _money(row["claimed_amount"], row["currency"]),
            "approved_amount": _money(row["approved_amount"], row["currency"]),
        }
    )


def _money(amount: str | None, currency: str) -> Money | None:
    return Money(amount=amount, currency=currency) if amount else None


def _task(row: Row) -> Row:
    return row | {"is_overdue": datetime.fromisoformat(row["due_at"]) < clock.now()}


def _consents(said: list[Row]) -> list[ConsentShown]:
    """What was said last, and what holds where nothing was."""
    everywhere = {row["purpose"] for row in said if row["channel"] is None}
    default = [
        ConsentShown(purpose=purpose, given=given, channel=None, recorded_at=None)
        for purpose, given in DEFAULTS.items()
        if purpose not in everywhere
    ]
    known = [ConsentShown.model_validate(row) for row in said if row["purpose"] in set(DEFAULTS)]
    return [*known, *default]
