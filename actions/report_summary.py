"""A claim report shown for a yes, and what is said once it is a claim."""

from __future__ import annotations

from typing import Any

from actions.crm import Record
from actions.formatting import join
from actions.forms import QUESTIONS
from actions.policies import product
from actions.report_details import types_of
from actions.turn import Part, Turn, part

SUMMARY = "utter_claim_summary"
_OTHER_QUESTIONS = QUESTIONS - {"utter_crm_unavailable"}
"""A yes after one of these is no yes to the summary that was shown before it."""


async def say_summary(turn: Turn, draft: Record) -> None:
    """Show everything the report says, so that it can be corrected or confirmed."""
    policy = await turn.crm.policy(draft["policy_number"])
    kinds = await types_of(turn, policy["product_type"])
    kind = next((turn.localised(one["name"]) for one in kinds if one["type"] == draft["type"]), draft["type"])
    lines: list[Part] = [
        part("utter_summary_policy", product=product(turn, policy), number=policy["number"]),
        part("utter_summary_type", kind=kind),
        part("utter_summary_date", date=turn.date(draft["incident_date"])),
        part("utter_summary_account", account=draft["description"]),
    ]
    if draft.get("incident_place"):
        lines.append(part("utter_summary_place", place=draft["incident_place"]))
    if draft.get("claimed_amount"):
        lines.append(part("utter_summary_amount", amount=turn.money(_money(draft["claimed_amount"]))))
    if draft.get("documents"):
        lines.append(part("utter_summary_documents", count=len(draft["documents"])))
    turn.say(SUMMARY, lines=lines)


def is_summary_shown(turn: Turn) -> bool:
    """Say whether the summary is what was asked last; a failed attempt at the same message may lie in between."""
    asked = [one for one in turn.said_before(turns=2) if one == SUMMARY or one in _OTHER_QUESTIONS]
    return asked[-1:] == [SUMMARY]


def _money(amount: Any) -> dict[str, Any]:
    return amount if isinstance(amount, dict) else {"amount": str(amount), "currency": "CNY"}


def say_taken(turn: Turn, confirmed: Record) -> None:
    """Say the claim's number, what is still needed, and what happens next."""
    claim = confirmed["claim"]
    lacking = claim.get("missing_documents")
    needed = confirmed.get("documents_needed") or [] if lacking is None else lacking
    needed = [one for one in needed if one.get("is_required", True)]
    lines: list[Part] = [part("utter_claim_registered", number=claim["number"])]
    if confirmed.get("approved_by_rule"):
        lines.append(part("utter_claim_approved_at_once"))
    elif needed:
        names = join([turn.localised(one["name"]) for one in needed], turn.language)
        lines.append(part("utter_claim_needs", documents=names))
    else:
        lines.append(part("utter_claim_next_under_review"))
    if claim.get("next_step_by"):
        lines.append(part("utter_claim_by", date=turn.date(claim["next_step_by"])))
    number = f'{{"claim_number": "{claim["number"]}"}}'
    choices = [{"title": part("utter_button_progress"), "payload": f"/query_claim{number}"}]
    turn.say("utter_claim", lines=lines, choices=choices)
