"""Rows of customers: found by their number in the source system, else by their identity document."""

from __future__ import annotations

from typing import Any

from backend.core.crypto import Vault
from backend.customers.models import ID_NUMBER, IdType
from backend.imports.cells import BadCell, check_id_number
from backend.imports.upserts import BadRow, Checked, Target

PLAIN = (
    "name", "latin_name", "gender", "birth_date", "phone", "email", "address", "region", "occupation", "language",
)  # fmt: skip
COPIED = (*PLAIN, "source", "external_id", "id_type", "id_number_index", "id_number_sealed")

TARGET = Target(
    table="customers",
    stage=dict.fromkeys((*COPIED, "phone_before"), "text")
    | {"birth_date": "date", "by_number": "bigint", "by_document": "bigint"},
    copied=COPIED,
    matching=(
        "UPDATE import_stage s SET by_number = c.id FROM customers c "
        "WHERE c.source = %(source)s AND c.external_id = s.external_id",
        "UPDATE import_stage s SET by_document = c.id FROM customers c "
        "WHERE c.id_type = s.id_type AND c.id_number_index = s.id_number_index",
        "UPDATE import_stage SET target = coalesce(by_number, by_document)",
        "UPDATE import_stage s SET phone_before = c.phone FROM customers c WHERE c.id = s.target",
        # A person known by the document only gets the number; one known by both keeps it.
        "UPDATE import_stage s SET source = %(source)s FROM customers c "
        "WHERE c.id = s.target AND c.external_id IS NULL AND s.external_id IS NOT NULL",
        "UPDATE import_stage SET source = %(source)s, language = coalesce(language, 'zh-Hans'), "
        "id_type = coalesce(id_type, 'resident_id') WHERE target IS NULL",
        # Sealing is never the same twice: an equal number is left as it is sealed.
        "UPDATE import_stage s SET id_number_sealed = NULL FROM customers c "
        "WHERE c.id = s.target AND c.id_number_index = s.id_number_index",
    ),
    refusals=(
        (
            "SELECT s.line FROM import_stage s JOIN customers c ON c.id = s.by_document "
            "WHERE s.by_number <> s.by_document OR (s.by_number IS NULL AND c.external_id <> s.external_id)",
            "id_number",
            "taken",
        ),
        (
            "SELECT s.line FROM import_stage s JOIN customers c ON c.id = s.target WHERE c.erased_at IS NOT NULL",
            "",
            "erased",
        ),
    ),
    added={"tier": "'standard'", "created_at": "%(now)s", "updated_at": "%(now)s", "version": "1"},
    after=(
        # Whoever holds the old number has proved nothing any more.
        "UPDATE bindings b SET ended_at = %(now)s, end_reason = 'phone_changed' FROM import_stage s "
        "WHERE b.customer_id = s.target AND b.ended_at IS NULL AND s.phone_before IS DISTINCT FROM s.phone "
        "AND s.phone IS NOT NULL AND s.target IS NOT NULL",
    ),
)


def checked(line: int, values: dict[str, Any], vault: Vault) -> Checked:
    """The row with its identity number sealed. Raises `BadRow`."""
    number, id_type = values.pop("id_number", None), values.get("id_type")
    external_id = values.get("external_id")
    if number is None and external_id is None:
        raise BadRow("external_id", "no_key")
    keys = [f"number:{external_id}"] if external_id is not None else []
    if number is not None:
        id_type = id_type or IdType.RESIDENT_ID
        try:
            check_id_number(id_type, number, values.get("birth_date"))
        except BadCell as error:
            raise BadRow("id_number", error.code) from error
        index = vault.blind_index(number, ID_NUMBER)
        values |= {
            "id_type": id_type,
            "id_number_index": index,
            "id_number_sealed": vault.seal(number, ID_NUMBER),
        }
        keys.append(f"document:{id_type}:{index}")
    return Checked(line, values, keys)
