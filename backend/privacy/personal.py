"""Where the product keeps something of a person: what erasure leaves of each table, and what an export shows.

A test holds this list against every table: a new column is named here, or in IMPERSONAL, before it can be merged.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

ERASED = "—"


@dataclass(frozen=True)
class Held:
    """Rows of `table` whose `column` names one of the person's `owner` ids.

    `leaves` is what erasure puts into their personal columns; None removes the rows. What is `shown` goes into the
    export of the person's data.
    """

    table: str
    owner: str
    column: str
    leaves: Mapping[str, Any] | None = field(default_factory=dict)
    shown: bool = True


# In the order in which they are erased: what refers to others goes first.
HELD: tuple[Held, ...] = (
    Held("offered_choices", "outbound", "outbound_id", None, shown=False),
    Held("verifications", "customer", "customer_id", None, shown=False),
    Held("hidden_numbers", "hidden", "ref", None, shown=False),
    Held("interactions", "customer", "customer_id", {"text": "", "details": {}}),
    Held("inbound_messages", "inbound", "id", {"text": "", "payload": {}, "command": None}, shown=False),
    Held(
        "outbound_messages",
        "outbound",
        "id",
        {"text": "", "payload": {}, "recipient": ERASED, "sealed_text": None},
        shown=False,
    ),
    Held("ticket_events", "ticket", "ticket_id", {"text": None, "details": {}}, shown=False),
    Held("tickets", "ticket", "id", {"summary": ""}),
    Held("beneficiaries", "policy", "policy_id", {"name": ERASED}),
    Held("claim_events", "claim", "claim_id", {"note": None}),
    Held("claims", "claim", "id", {"description": None, "decision_reason": None}),
    Held("policies", "policy", "id", {"insured_name": ERASED}),
    Held("contacts", "contact", "id", {"external_id": "erased:{id}", "display_name": None}),
    Held(
        "customers",
        "customer",
        "id",
        {
            "name": ERASED,
            "latin_name": None,
            "gender": None,
            "birth_date": None,
            "phone": None,
            "email": None,
            "address": None,
            "region": None,
            "id_number_sealed": None,
            "id_number_index": None,
        },
    ),
)

# What is erased when only what was said goes, and the contract stays.
RECORD_ONLY = frozenset(
    {
        "offered_choices",
        "hidden_numbers",
        "interactions",
        "inbound_messages",
        "inbound_media",
        "outbound_messages",
        "ticket_events",
        "tickets",
    }
)

# Files beside the database: table, the column that names the owner, the kind of owner, the column with the file's name.
FILES: tuple[tuple[str, str, str, str], ...] = ()
