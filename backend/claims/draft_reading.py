"""A draft in the words of its readers."""

from __future__ import annotations

from backend.claims import catalogue
from backend.claims.confirming import missing_fields
from backend.claims.draft_schemas import DraftDocument, DraftRead, NeededDocument
from backend.claims.models import Claim, ClaimDocument, ClaimDraft, ClaimFile
from backend.core.schemas import money_or_none
from backend.customers.service import shown_phone
from backend.policies.models import CURRENCY, ProductType


def needed(code: str, *, is_required: bool = True) -> NeededDocument:
    return NeededDocument(code=code, name=catalogue.document_name(code), is_required=is_required)


def needed_for(claim_type: str | None) -> list[NeededDocument]:
    """What this kind of claim needs, in the order in which we ask; nothing while the kind is not known."""
    kind = catalogue.catalogue().types.get(claim_type or "")
    return [needed(code) for code in kind.documents] if kind else []


def still_needed(documents: list[ClaimDocument]) -> list[NeededDocument]:
    """Those that have not arrived."""
    return [needed(row.code, is_required=row.is_required) for row in documents if not row.received_at]


def documents_needed(claim: Claim) -> list[NeededDocument]:
    """All documents that a claim asks for, in order. Needs them loaded."""
    return [needed(row.code, is_required=row.is_required) for row in claim.documents]


def document_id(file: ClaimFile) -> str:
    """What the bot calls a file: the id of the medium it came as; an agent's upload is named apart."""
    return str(file.media_id) if file.media_id is not None else f"file:{file.id}"


def draft_read(draft: ClaimDraft) -> DraftRead:
    """Needs policy and files loaded."""
    return DraftRead(
        id=draft.id,
        version=draft.version,
        started_on=draft.started_on,
        policy_number=draft.policy.number if draft.policy else None,
        product_type=ProductType(draft.product_type) if draft.product_type else None,
        type=draft.type,
        incident_date=draft.incident_date,
        incident_place=draft.incident_place,
        description=draft.description,
        claimed_amount=money_or_none(draft.claimed_amount, CURRENCY),
        injured=draft.is_injured,
        contact_phone=shown_phone(draft.contact_phone, in_full=False),
        documents=[
            DraftDocument(
                id=document_id(file), code=file.code, name=file.shown_name, received_at=file.received_at
            )
            for file in draft.files
        ],
        documents_needed=needed_for(draft.type),
        missing=missing_fields(draft),
        updated_at=draft.updated_at,
    )
