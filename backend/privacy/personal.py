"""Where the product keeps something of a person: what erasure empties of each table, and what an export shows.

A test holds this list against every table: a column of texts, JSON or dates is named here before it can be merged.
"""

from __future__ import annotations

from dataclasses import dataclass

ERASED = "—"


@dataclass(frozen=True)
class Held:
    """Rows of `table` whose `column` names one of the person's `owner` ids.

    Erasure empties `empties`, or removes the rows when there is nothing else in them. What is `shown` goes into the
    export of the person's data.
    """

    table: str
    owner: str
    column: str
    empties: tuple[str, ...] | None = None
    shown: bool = False


# In the order in which they are erased: what refers to others goes first.
HELD: tuple[Held, ...] = (
    Held("offered_choices", "outbound", "outbound_id"),
    Held("review_items", "inbound", "inbound_id"),
    Held("verifications", "customer", "customer_id"),
    Held("verifications", "contact", "contact_id"),
    Held("idempotency_keys", "scope", "scope"),
    Held("hidden_numbers", "hidden", "ref"),
    Held("webhook_deliveries", "webhook", "event_id", ("payload",)),
    Held("interactions", "customer", "customer_id", ("text", "details"), shown=True),
    Held("inbound_media", "inbound", "inbound_id", ("platform_ref", "file_name", "stored_name")),
    Held("inbound_messages", "inbound", "id", ("text", "payload", "command")),
    Held("outbound_files", "outbound", "outbound_id"),
    Held("outbound_messages", "outbound", "id", ("text", "payload", "recipient", "sealed_text")),
    Held("satisfactions", "ticket", "ticket_id", ("comment",), shown=True),
    Held("complaints", "ticket", "ticket_id", ("root_cause",), shown=True),
    Held("ticket_events", "ticket", "ticket_id", ("text", "details")),
    Held("tickets", "ticket", "id", ("summary", "brief"), shown=True),
    Held("tasks", "customer", "customer_id", ("summary", "phone", "outcome"), shown=True),
    Held("notices", "customer", "customer_id", ("details",), shown=True),
    Held("notice_preferences", "customer", "customer_id", shown=True),
    Held("change_requests", "customer", "customer_id", ("before_sealed", "after_sealed", "decline_reason")),
    Held("claim_files", "claim", "claim_id", ("shown_name",), shown=True),
    Held("claim_files", "draft", "draft_id", ("shown_name",), shown=True),
    Held("claim_disputes", "claim", "claim_id", ("reason", "outcome_note"), shown=True),
    Held("claim_decisions", "claim", "claim_id", ("note", "reason"), shown=True),
    Held("claim_events", "claim", "claim_id", ("note",), shown=True),
    Held(
        "claims",
        "claim",
        "id",
        ("description", "decision_reason", "incident_place", "contact_phone", "payment_reference"),
        shown=True,
    ),
    Held("claim_drafts", "draft", "id", ("description", "incident_place", "contact_phone"), shown=True),
    Held("payment_accounts", "customer", "customer_id", shown=True),
    Held("beneficiaries", "policy", "policy_id", ("name",), shown=True),
    Held("policies", "policy", "id", ("insured_name",), shown=True),
    Held("family_members", "customer", "customer_id", shown=True),
    Held("family_members", "customer", "relative_id", shown=True),
    Held("customer_tags", "customer", "customer_id", shown=True),
    Held("customer_standings", "customer", "customer_id", shown=True),
    Held("consents", "customer", "customer_id", (), shown=True),
    Held("contacts", "contact", "id", ("external_id", "display_name"), shown=True),
    Held(
        "customers",
        "customer",
        "id",
        (
            "name",
            "latin_name",
            "gender",
            "birth_date",
            "phone",
            "email",
            "address",
            "region",
            "occupation",
            "id_number_sealed",
            "id_number_index",
        ),
        shown=True,
    ),
)

# What is erased when only what was said goes, and the contract stays.
RECORD_ONLY = frozenset(
    {
        "offered_choices",
        "review_items",
        "idempotency_keys",
        "hidden_numbers",
        "webhook_deliveries",
        "interactions",
        "inbound_media",
        "inbound_messages",
        "outbound_files",
        "outbound_messages",
        "satisfactions",
        "ticket_events",
        "tickets",
    }
)

# Files beside the database: table, the column that names the owner, the kind of owner, the column with the file's name.
FILES: tuple[tuple[str, str, str, str], ...] = (
    ("inbound_media", "inbound_id", "inbound", "stored_name"),
    ("outbound_files", "outbound_id", "outbound", "stored_name"),
    ("claim_files", "claim_id", "claim", "name"),
    ("claim_files", "draft_id", "draft", "name"),
)

# Columns of texts, JSON or dates that say nothing of a customer: our own people, products, settings, codes, states.
IMPERSONAL: dict[str, tuple[str, ...]] = {
    table: tuple(columns.split())
    for table, columns in {
        "agent_sessions": "token_hash browser",
        "agents": "username name role password_hash totp_sealed totp_pending_sealed skills languages",
        "api_tokens": "name token_hash scopes",
        "article_feed": "origin",
        "article_revisions": "title text products tags questions source valid_from valid_to",
        "articles": "topic language scheduled_from",
        "audit_entries": "actor action target details sealed_hash",
        "audit_seals": "hash signature",
        "beneficiaries": "relationship",
        "bindings": "end_reason",
        "bot_tasks": "kind result",
        "business_settings": "key value",
        "campaigns": "kind title template filter state",
        "canned_replies": "shortcut title_zh title_en text_zh text_en",
        "change_requests": "number kind field matter state checks core_reference",
        "claim_decisions": "decision decided_by rules",
        "claim_disputes": "raised_by ticket_number due_on outcome closed_by",
        "claim_documents": "code",
        "claim_drafts": "started_on state product_type type incident_date",
        "claim_events": "event_id stage",
        "claim_files": "code name content_type sha256 received_from",
        "claims": "number type complexity incident_date reported_date stage currency decision decision_date paid_date"
        " source external_id",
        "complaints": "category severity product_type",
        "consents": "purpose channel source",
        "contacts": "channel account",
        "conversations": "mode language active_form",
        "coverages": "code name_zh name_en currency",
        "customers": "language id_type tier source external_id",
        "dismissed_letters": "direction",
        "feed_entries": "kind",
        "heartbeats": "name",
        "import_rejections": "reasons row_sealed",  # of nobody we know; kept sealed, and removed by retention.py
        "import_runs": "kind mode state source file_name stored_name started_by error",
        "inbound_media": "kind state reason content_type sha256",
        "inbound_messages": "external_id type language state last_error",
        "interactions": "channel direction speaker kind language intent",
        "knowledge_questions": "language product_type topic",
        "notice_deliveries": "channel chosen_because failed_because",
        "notice_templates": "name title_zh title_en zh zh_discreet en en_discreet",
        "notices": "kind purpose subject occurrence state reason",
        "outbound_messages": "channel account lane kind key language state platform_id error via",
        "payments": "currency paid_on method source external_id",
        "policies": "number status issued_on start_date end_date currency payment_frequency source external_id",
        "policy_riders": "code name_zh name_en currency start_date end_date",
        "premium_instalments": "due_date currency paid_date",
        "product_parts": "kind code name_zh name_en",
        "products": "code type name_zh name_en cash_value_percents",
        "recovery_codes": "code_hash",
        "segments": "name description filter",
        "send_allowances": "reason",
        "surges": "title areas product_types skill text_zh text_en",
        "tasks": "number kind state product_type origin origin_key",
        "ticket_events": "kind",
        "ticket_links": "kind number",
        "tickets": "number kind status urgency skill channel language outcome",
        "verification_locks": "subject",
        "webhook_deliveries": "type state last_error",
        "webhook_endpoints": "url events secret_sealed disabled_reason",
        "webhook_events": "source",
    }.items()
}
