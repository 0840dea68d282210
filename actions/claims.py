"""Claims: where one stands, what is missing, what comes next."""

from __future__ import annotations

from typing import Any

from actions.answering import answers
from actions.crm import NotFound, Record
from actions.formatting import join
from actions.policies import MAX_CHOICES, of_product
from actions.turn import Part, Turn, part

_FINISHED = {"paid", "declined", "withdrawn", "closed"}


@answers("action_query_claim")
async def query_claim(turn: Turn) -> None:
    """Tell where a claim stands: status, since when, the next step and by when, what is missing."""
    number = turn.number("claim_number")
    if number is None:
        claims = of_product(turn, await turn.crm.claims())
        if not claims:
            turn.say("utter_no_claims")
            return
        running = [claim for claim in claims if claim["stage"] not in _FINISHED]
        if len(claims) > 1 and len(running) != 1:
            several = running or claims
            cards = claim_cards(turn, several)
            turn.say("utter_which_claim", choices=claim_choices(turn, several), cards=cards)
            return
        number = str((running or claims)[0]["number"])
    try:
        claim = await turn.crm.claim(number)
    except NotFound:
        turn.remember("claim_number", None)
        turn.ask_for("claim_number")
        turn.say("utter_claim_not_found", number=number)
        return
    turn.remember("claim_number", number)
    say_claim(turn, claim)


def claim_choices(turn: Turn, claims: list[Record], intent: str = "query_claim") -> list[dict[str, Any]]:
    """Return a button for each claim that asks the same of it."""
    return [
        {
            "title": part(
                "utter_button_claim",
                product=part(f"utter_product_{claim['product_type']}"),
                date=turn.date(claim["incident_date"]),
                number=claim["number"],
            ),
            "payload": f'/{intent}{{"claim_number": "{claim["number"]}"}}',
        }
        for claim in claims[:MAX_CHOICES]
    ]


def claim_cards(turn: Turn, claims: list[Record], intent: str = "query_claim") -> list[dict[str, Any]]:
    """Return a card for each claim, whose button asks the same of it."""
    return [
        {
            "title": part(f"utter_product_{claim['product_type']}"),
            "subtitle": claim["number"],
            "kind": "claim",
            "badge": part(f"utter_stage_{claim['stage']}"),
            "facts": [{"label": part("utter_label_incident"), "value": turn.date(claim["incident_date"])}],
            "buttons": [
                {
                    "title": part("utter_button_this_one"),
                    "payload": f'/{intent}{{"claim_number": "{claim["number"]}"}}',
                }
            ],
        }
        for claim in claims[:MAX_CHOICES]
    ]


def say_claim(turn: Turn, claim: Record) -> None:
    """Say all that is known of a claim; at level 1 the CRM leaves out amounts and documents."""
    turn.remember("product_type", claim["product_type"])
    stage = claim["stage"]
    lines: list[Part] = [
        part(
            f"utter_claim_stage_{stage}",
            number=claim["number"],
            product=part(f"utter_product_{claim['product_type']}"),
            since=turn.date(claim.get("stage_since")),
        ),
        *_money(turn, claim),
        *_reason(turn, claim),
    ]
    missing = claim.get("missing_documents") or []
    if missing:
        names = join([turn.localised(one["name"]) for one in missing], turn.language)
        lines.append(part("utter_claim_missing", documents=names))
    if stage not in _FINISHED:
        lines.append(part(f"utter_claim_next_{stage}"))
        if claim.get("next_step_by"):
            lines.append(part("utter_claim_by", date=turn.date(claim["next_step_by"])))
    turn.say("utter_claim", lines=lines, choices=_follow_ups(claim, bool(missing)))


def _money(turn: Turn, claim: Record) -> list[Part]:
    if claim.get("approved_amount"):
        paid = turn.date(claim.get("paid_date"))
        name = "utter_claim_paid" if paid else "utter_claim_approved_amount"
        return [part(name, amount=turn.money(claim["approved_amount"]), date=paid)]
    if claim.get("claimed_amount"):
        return [part("utter_claim_claimed", amount=turn.money(claim["claimed_amount"]))]
    return []


def _reason(turn: Turn, claim: Record) -> list[Part]:
    reason = turn.localised(claim.get("decision_reason"))
    return [part("utter_claim_reason", reason=reason)] if reason else []


def _follow_ups(claim: Record, is_missing: bool) -> list[dict[str, Any]]:
    payload = f'{{"claim_number": "{claim["number"]}"}}'
    choices: list[dict[str, Any]] = []
    if is_missing:
        choices.append({"title": part("utter_button_upload"), "payload": f"/upload_documents{payload}"})
    if claim["stage"] in ("declined", "paid", "approved"):
        choices.append({"title": part("utter_button_dispute"), "payload": f"/dispute_claim{payload}"})
    return choices
