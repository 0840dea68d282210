"""A claim in the words of each reader: the bot at level 1 or 2, an agent."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from backend.claims import catalogue
from backend.claims.models import (
    Claim,
    ClaimDecision,
    ClaimDocument,
    ClaimEvent,
    ClaimFile,
    Complexity,
    Decision,
    Stage,
)
from backend.claims.schemas import (
    AgentClaimRead,
    AgentClaimSummary,
    ClaimRead,
    ClaimStage,
    DecisionRead,
    DisputeRead,
    DocumentName,
    DocumentRead,
    EventRead,
    FileRead,
    RuleRead,
    local_date,
    missing,
)
from backend.claims.standards import next_step_by
from backend.claims.transitions import ALLOWED
from backend.core.schemas import money_or_none
from backend.customers.service import shown_phone
from backend.policies.models import ProductType


def stage_of(claim: Claim, zone: ZoneInfo) -> ClaimStage:
    """Needs the claim's policy with its product loaded, as all functions here do."""
    return ClaimStage(
        number=claim.number,
        product_type=ProductType(claim.policy.product.type),
        stage=Stage(claim.stage),
        incident_date=claim.incident_date,
        reported_date=claim.reported_date,
        stage_since=local_date(claim.stage_since, zone),
        next_step_by=next_step_by(claim, zone),
    )


def document_name(code: str) -> DocumentName:
    return DocumentName(code=code, name=catalogue.document_name(code))


def reason_name(code: str) -> DocumentName:
    return DocumentName(code=code, name=catalogue.catalogue().reasons[code])


def _missing(claim: Claim) -> list[DocumentName]:
    return [document_name(code) for code in missing(claim)]


def for_customer(claim: Claim, zone: ZoneInfo, language: str) -> ClaimRead:
    """Needs the documents loaded, too; the reason is in English for `en`, else in Chinese."""
    reason = catalogue.reason(claim.decision_reason)
    return ClaimRead(
        **dict(stage_of(claim, zone)),
        policy_number=claim.policy.number,
        missing_documents=_missing(claim),
        claimed_amount=money_or_none(claim.claimed_amount, claim.currency),
        approved_amount=money_or_none(claim.approved_amount, claim.currency),
        paid_date=claim.paid_date,
        decision_reason=(reason.en if language == "en" else reason.zh) if reason else None,
    )


def agent_summary(claim: Claim, zone: ZoneInfo) -> AgentClaimSummary:
    """Needs the policy's holder and the documents loaded, too."""
    return AgentClaimSummary(
        **dict(stage_of(claim, zone)),
        policy_number=claim.policy.number,
        customer_id=claim.customer_id,
        customer_name=claim.policy.holder.name,
        type=claim.type,
        type_name=catalogue.type_name(claim.type),
        missing_documents=_missing(claim),
        claimed_amount=money_or_none(claim.claimed_amount, claim.currency),
        approved_amount=money_or_none(claim.approved_amount, claim.currency),
        paid_date=claim.paid_date,
    )


def _document(row: ClaimDocument) -> DocumentRead:
    return DocumentRead(
        code=row.code,
        name=catalogue.document_name(row.code),
        is_required=row.is_required,
        received_at=row.received_at,
    )


def _event(row: ClaimEvent) -> EventRead:
    return EventRead(
        event_id=row.event_id,
        stage=Stage(row.stage),
        occurred_at=row.occurred_at,
        note=row.note,
        recorded_at=row.recorded_at,
        is_out_of_order=row.is_out_of_order,
    )


def file_read(row: ClaimFile) -> FileRead:
    return FileRead(
        id=row.id,
        code=row.code,
        name=row.shown_name,
        content_type=row.content_type,
        size=row.size,
        url=f"/api/v1/files/{row.name}",
        received_at=row.received_at,
        received_from=row.received_from,
    )


def _decision(row: ClaimDecision, currency: str) -> DecisionRead:
    return DecisionRead(
        decision=Decision(row.decision) if row.decision else None,
        approved_amount=money_or_none(row.approved_amount, currency),
        reason=catalogue.reason(row.reason),
        note=row.note,
        decided_by=row.decided_by,
        decided_at=row.decided_at,
        rules=[RuleRead.model_validate(rule) for rule in row.rules],
    )


def agent_detail(claim: Claim, zone: ZoneInfo) -> AgentClaimRead:
    """Needs everything loaded that `service.WHOLE` names."""
    return AgentClaimRead(
        **dict(agent_summary(claim, zone)),
        complexity=Complexity(claim.complexity),
        description=claim.description,
        incident_place=claim.incident_place,
        injured=claim.is_injured,
        contact_phone=shown_phone(claim.contact_phone, in_full=False),
        is_flagged=claim.is_flagged,
        decision=Decision(claim.decision) if claim.decision else None,
        decision_date=claim.decision_date,
        decision_reason=catalogue.reason(claim.decision_reason),
        paid_amount=money_or_none(claim.paid_amount, claim.currency),
        payment_reference=claim.payment_reference,
        documents=[_document(row) for row in claim.documents],
        files=[file_read(row) for row in claim.files],
        events=[_event(row) for row in claim.events],
        decisions=[_decision(row, claim.currency) for row in claim.decisions],
        disputes=[DisputeRead.model_validate(row, from_attributes=True) for row in claim.disputes],
        allowed_stages=list(ALLOWED[Stage(claim.stage)]),
        source=claim.source,
        external_id=claim.external_id,
        version=claim.version,
    )
