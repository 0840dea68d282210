"""Where a claim may go. It binds agents; what the insurer's core system tells is always recorded."""

from __future__ import annotations

from backend.claims.models import Stage

REVIEW = (Stage.UNDER_REVIEW, Stage.INVESTIGATING)
# Until a claim is decided or withdrawn, documents come in and facts are corrected.
OPEN = (Stage.REPORTED, Stage.AWAITING_DOCUMENTS, *REVIEW)
# Where an agent may move a claim. Decisions, payments and disputes have acts of their own (decisions.py, disputes.py).
ALLOWED: dict[Stage, tuple[Stage, ...]] = {
    Stage.REPORTED: (Stage.AWAITING_DOCUMENTS, Stage.UNDER_REVIEW, Stage.WITHDRAWN),
    Stage.AWAITING_DOCUMENTS: (Stage.UNDER_REVIEW, Stage.WITHDRAWN),
    Stage.UNDER_REVIEW: (Stage.AWAITING_DOCUMENTS, Stage.INVESTIGATING, Stage.WITHDRAWN),
    Stage.INVESTIGATING: (Stage.AWAITING_DOCUMENTS, Stage.UNDER_REVIEW, Stage.WITHDRAWN),
    Stage.APPROVED: (),
    Stage.PAID: (Stage.CLOSED,),
    Stage.DECLINED: (Stage.CLOSED,),
    Stage.WITHDRAWN: (Stage.CLOSED, Stage.REPORTED),
    Stage.CLOSED: (),
}
