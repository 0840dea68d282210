"""A claim in the words of each reader: the bot at level 1 or 2, an agent."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from backend.claims import catalogue
from backend.claims.models import Claim, ClaimDocument, ClaimEvent, Complexity, Decision, Stage
from backend.claims.schemas import (
    AgentClaimRead,
    AgentClaimSummary,
    ClaimRead,
    ClaimStage,
    DocumentName,
    DocumentRead,
    EventRead,
    local_date,
    missing,
)
from backend.claims.standards import next_step_by
from backend.core.schemas import money_or_none
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


def _missing(claim: Claim) -> list[DocumentName]:
    return [DocumentName(code=code, name=catalogue.document_name(code)) for code in missing(claim)]


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
    """Needs the documents loaded, too."""
    return AgentClaimSummary(
        **dict(stage_of(claim, zone)),
        policy_number=claim.policy.number,
        customer_id=claim.customer_id,
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


def agent_detail(claim: Claim, zone: ZoneInfo) -> AgentClaimRead:
    """Needs documents and events loaded, too."""
    return AgentClaimRead(
        **dict(agent_summary(claim, zone)),
        complexity=Complexity(claim.complexity),
        description=claim.description,
        decision=Decision(claim.decision) if claim.decision else None,
        decision_date=claim.decision_date,
        decision_reason=catalogue.reason(claim.decision_reason),
        paid_amount=money_or_none(claim.paid_amount, claim.currency),
        documents=[_document(row) for row in claim.documents],
        events=[_event(row) for row in claim.events],
        source=claim.source,
        external_id=claim.external_id,
        version=claim.version,
    )
