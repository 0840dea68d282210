"""Rows of policies: found by their number; product and policyholder must be known already."""

from __future__ import annotations

from typing import Any

from backend.core.crypto import Vault
from backend.customers.models import ID_NUMBER
from backend.imports.upserts import BadRow, Checked, Target

COPIED = (
    "number", "product_id", "holder_id", "insured_name", "status", "issued_on", "start_date", "end_date",
    "sum_insured", "premium", "payment_frequency",
)  # fmt: skip
TYPES = (
    dict.fromkeys(("product_id", "holder_id"), "bigint")
    | dict.fromkeys(("issued_on", "start_date", "end_date", "next_due_date"), "date")
    | dict.fromkeys(("sum_insured", "premium"), "numeric")
)
OTHERS = ("product", "holder_external_id", "holder_index", "next_due_date")

TARGET = Target(
    table="policies",
    stage={name: TYPES.get(name, "text") for name in (*COPIED, *OTHERS)},
    copied=COPIED,
    matching=(
        "UPDATE import_stage s SET target = p.id FROM policies p WHERE p.number = s.number",
        "UPDATE import_stage s SET product_id = p.id FROM products p WHERE p.code = s.product",
        "UPDATE import_stage s SET holder_id = c.id FROM customers c "
        "WHERE c.source = %(source)s AND c.external_id = s.holder_external_id",
        "UPDATE import_stage s SET holder_id = c.id FROM customers c "
        "WHERE s.holder_id IS NULL AND s.holder_external_id IS NULL AND c.id_number_index = s.holder_index",
        "UPDATE import_stage SET status = coalesce(status, 'active'), "
        "payment_frequency = coalesce(payment_frequency, 'annual') WHERE target IS NULL",
    ),
    refusals=(
        ("SELECT line FROM import_stage WHERE product_id IS NULL", "product", "no_such_product"),
        ("SELECT line FROM import_stage WHERE holder_id IS NULL", "holder_external_id", "no_such_customer"),
        (
            "SELECT s.line FROM import_stage s JOIN policies p ON p.id = s.target "
            "WHERE p.holder_id <> s.holder_id OR p.product_id <> s.product_id",
            "number",
            "other_policy",
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
        "INSERT INTO premium_instalments (policy_id, due_date, amount, currency) "
        "SELECT p.id, s.next_due_date, s.premium, p.currency FROM import_stage s "
        "JOIN policies p ON p.number = s.number WHERE s.next_due_date IS NOT NULL "
        "ON CONFLICT (policy_id, due_date) DO NOTHING",
    ),
)


def checked(line: int, values: dict[str, Any], vault: Vault) -> Checked:
    """The row with its policyholder's document as an index only. Raises `BadRow`."""
    document = values.pop("holder_id_number", None)
    if document is None and values.get("holder_external_id") is None:
        raise BadRow("holder_external_id", "no_key")
    if document is not None:
        values["holder_index"] = vault.blind_index(document, ID_NUMBER)
    if values["end_date"] < values["start_date"] or values["start_date"] < values["issued_on"]:
        raise BadRow("end_date", "dates_order")
    return Checked(line, values, [f"number:{values['number']}"])
