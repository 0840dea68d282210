"""Rows of claims: found by their number; their policy must be known already. Customers get no notice of them."""

from __future__ import annotations

from typing import Any

from psycopg import Connection

from backend.claims.catalogue import catalogue
from backend.core.crypto import Vault
from backend.imports.upserts import BadRow, Checked, Target

COPIED = (
    "number", "policy_id", "customer_id", "type", "complexity", "incident_date", "reported_date", "stage",
    "stage_since", "review_since", "description", "claimed_amount", "approved_amount", "decision", "decision_reason",
    "decision_date", "paid_amount", "paid_date",
)  # fmt: skip
TYPES = (
    dict.fromkeys(("policy_id", "customer_id"), "bigint")
    | dict.fromkeys(("incident_date", "reported_date", "decision_date", "paid_date", "stage_date"), "date")
    | dict.fromkeys(("claimed_amount", "approved_amount", "paid_amount"), "numeric")
    | dict.fromkeys(("stage_since", "review_since"), "timestamptz")
)
OTHERS = ("policy_number", "product_type", "stage_date", "stage_before")
SETTLED = ("approved", "paid")

TARGET = Target(
    table="claims",
    stage={name: TYPES.get(name, "text") for name in (*COPIED, *OTHERS)},
    copied=COPIED,
    matching=(
        "UPDATE import_stage s SET target = c.id, stage_before = c.stage FROM claims c WHERE c.number = s.number",
        "UPDATE import_stage s SET policy_id = p.id, customer_id = p.holder_id, product_type = r.type "
        "FROM policies p JOIN products r ON r.id = p.product_id WHERE p.number = s.policy_number",
        # The day of a stage begins at midnight of the insurer's zone; a stage that is known keeps its moment.
        "UPDATE import_stage SET stage_since = coalesce(stage_date, reported_date)::timestamp "
        "AT TIME ZONE %(zone)s WHERE target IS NULL OR stage_before <> stage",
        "UPDATE import_stage SET review_since = stage_since WHERE stage IN ('under_review', 'investigating')",
    ),
    refusals=(
        ("SELECT line FROM import_stage WHERE policy_id IS NULL", "policy_number", "no_such_policy"),
        (
            "SELECT s.line FROM import_stage s WHERE NOT EXISTS (SELECT FROM import_claim_types t "
            "WHERE t.type = s.type AND t.product = s.product_type)",
            "type",
            "not_covered",
        ),
        (
            "SELECT s.line FROM import_stage s JOIN claims c ON c.id = s.target "
            "WHERE c.policy_id <> s.policy_id OR c.type <> s.type",
            "number",
            "other_claim",
        ),
    ),
    added={
        "currency": "'CNY'",
        "source": "%(source)s",
        "created_at": "%(now)s",
        "updated_at": "%(now)s",
        "version": "1",
    },
    after=(
        # What a new claim needs; a claim that is past its documents has them.
        "INSERT INTO claim_documents (claim_id, position, code, is_required, received_at) "
        "SELECT c.id, d.position, d.code, true, "
        "CASE WHEN s.stage IN ('reported', 'awaiting_documents') THEN NULL ELSE c.stage_since END "
        "FROM import_stage s JOIN claims c ON c.number = s.number JOIN import_documents d ON d.type = s.type "
        "WHERE s.target IS NULL",
        "INSERT INTO claim_events (claim_id, event_id, stage, occurred_at, recorded_at, is_out_of_order) "
        "SELECT c.id, 'import:' || %(run)s || ':' || s.line, s.stage, c.stage_since, %(now)s, false "
        "FROM import_stage s JOIN claims c ON c.number = s.number "
        "WHERE s.target IS NULL OR s.stage_before <> s.stage ON CONFLICT (claim_id, event_id) DO NOTHING",
    ),
)


def prepare(connection: Connection) -> None:
    """What kinds of claims there are, for the statements above."""
    connection.execute("CREATE TEMP TABLE import_claim_types (type text, product text)")
    connection.execute("CREATE TEMP TABLE import_documents (type text, position bigint, code text)")
    types = catalogue().types
    with connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO import_claim_types VALUES (%s, %s)",
            [(code, str(product)) for code, kind in types.items() for product in kind.products],
        )
        cursor.executemany(
            "INSERT INTO import_documents VALUES (%s, %s, %s)",
            [
                (code, place, name)
                for code, kind in types.items()
                for place, name in enumerate(kind.documents)
            ],
        )


def checked(line: int, values: dict[str, Any], _: Vault) -> Checked:
    """The row with what follows from its stage. Raises `BadRow`."""
    if values["reported_date"] < values["incident_date"]:
        raise BadRow("reported_date", "dates_order")
    stage_date = values.get("stage_date")
    if stage_date is not None and stage_date < values["reported_date"]:
        raise BadRow("stage_date", "dates_order")
    approved = values.get("approved_amount")
    if values["stage"] in SETTLED and approved is None:
        raise BadRow("approved_amount", "required")
    if values["stage"] == "paid" and (values.get("paid_amount") is None or values.get("paid_date") is None):
        raise BadRow("paid_date", "required")
    values["decision"] = _decision(values)
    values["complexity"] = catalogue().types[values["type"]].complexity
    return Checked(line, values, [f"number:{values['number']}"])


def _decision(values: dict[str, Any]) -> str | None:
    if values["stage"] == "declined":
        return "declined"
    approved, claimed = values.get("approved_amount"), values.get("claimed_amount")
    if approved is None:
        return None
    return "partly_approved" if claimed is not None and approved < claimed else "approved"
