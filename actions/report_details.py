"""What a message adds to a claim report."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

from actions.claim_words import is_account, place_of, product_of, type_of
from actions.crm import Record
from actions.mood import injury
from actions.turn import Turn
from actions.words import holds, pattern, tells, without

MAX_ACCOUNT = 1000
_SHORT, _SHORT_LATIN = 25, 60
_OF_PEOPLE = {"life", "critical_illness", "accident", "medical"}
_HAN = re.compile("[\u4e00-\u9fff]")
_NICETIES = ("goodbye", "thank", "greet")
"""What a few words with a date or an amount are easily taken for."""


async def read_details(turn: Turn, draft: Record, asked: str | None) -> Record:
    """Return the fields of the draft that the message gives or changes; `asked` is what the bot has just asked for."""
    text = _typed(turn)
    simple: Record = {
        "incident_date": turn.entity("date"),
        "claimed_amount": _amount(turn),
        "incident_place": place_of(text),
        "injured": injury(text),
        "contact_phone": turn.entity("phone_number"),
    }
    simple["description"] = _account(turn, text, draft, asked, told=any(simple.values()))
    fields = {name: value for name, value in simple.items() if value is not None and value != draft.get(name)}
    account = f"{fields.get('description') or draft.get('description') or ''} {text}".strip()
    is_told = bool(fields.get("description") or draft.get("description"))
    fields |= await _policy_and_type(turn, draft, account, is_told)
    return fields


def is_short(text: str) -> bool:
    """Say whether a message is a phrase or two; Latin letters take more room for it."""
    return len(text) < (_SHORT if _HAN.search(text) else _SHORT_LATIN)


def is_correction(turn: Turn) -> bool:
    """Say whether a message sets right what the summary shows, whatever else it looks like."""
    if len(turn.text) > _SHORT_LATIN or holds("other_matter", turn.text):
        return False
    named = any(turn.entity(name) for name in ("date", "policy_number", "product_type"))
    is_detail = named or bool(_amount(turn)) or bool(place_of(turn.text))
    return is_detail and (turn.intent in _NICETIES or holds("corrects", turn.text))


def _typed(turn: Turn) -> str:
    return "" if turn.text.startswith("/") else turn.text


def _amount(turn: Turn) -> Record | None:
    amount = turn.entity("amount")
    if not amount and (found := pattern("amount").search(_typed(turn))):
        number = next(group for group in found.groups() if group)
        amount = f"{Decimal(number.replace(',', '')):.2f}"
    return {"amount": amount, "currency": "CNY"} if amount else None


def _account(turn: Turn, text: str, draft: Record, asked: str | None, told: bool) -> str | None:
    """Return the account of what happened, the message added to it when it tells more than the details `told`."""
    known, rest = draft.get("description"), _beside_details(turn, text)
    if not is_account(rest) or _only_answers(turn, rest, asked):
        return None
    if known is None or not is_account(without("filler_when", known)):
        tells_it = asked == "description" or turn.intent == "report_claim" or len(text) > 8
        return text[:MAX_ACCOUNT] if tells_it else None
    is_more = turn.intent == "inform" and asked is None and (not told or _tells_much(rest))
    if (is_more or turn.intent == "report_claim") and len(text) > 12 and text not in known:
        return f"{known} / {text}"[:MAX_ACCOUNT]
    return None


def _beside_details(turn: Turn, text: str) -> str:
    """Return what a message says beside dates, amounts, policies and products."""
    named = ("date", "amount", "policy_number", "product_type", "phone_number")
    found = [] if turn.is_resumed else (turn.tracker.latest_message or {}).get("entities") or []
    spans = [(one["start"], one["end"]) for one in found if one["entity"] in named and one.get("end")]
    for start, end in sorted(spans, reverse=True):
        text = text[:start] + " " + text[end:]
    return without("filler_when", text)


def _tells_much(rest: str) -> bool:
    """Say whether a message goes on to tell something beside its details, the place among them."""
    for name in ("amount", "place", "filler_report"):
        rest = without(name, rest)
    return len(rest) >= (8 if _HAN.search(rest) else 24)


def _only_answers(turn: Turn, rest: str, asked: str | None) -> bool:
    """Say whether a message only agrees, refuses, chooses or corrects; `rest` is what it says beside details."""
    if turn.intent == "affirm":
        return True
    if product_of(rest):
        return False
    chooses = turn.entity("product_type") and asked in (None, "policy_number", "type")
    is_refusal = turn.intent == "deny" and is_short(turn.text)
    return (
        bool(turn.entity("policy_number") or chooses) or is_refusal or (asked is None and is_correction(turn))
    )


async def _policy_and_type(turn: Turn, draft: Record, account: str, is_told: bool) -> Record:
    """Settle the policy and the kind of claim, as far as the message, or the account as a whole, tells."""
    fields: Record = {}
    product, number = draft.get("product_type"), turn.entity("policy_number")
    named = turn.entity("product_type")
    if number or (named and named != product) or not draft.get("policy_number"):
        policies = await claimable(turn)
        chosen = _chosen(policies, number, named or product or product_of(account), is_told)
        if chosen:
            fields["policy_number"] = chosen["number"]
            product = chosen["product_type"]
        elif named and named != product and any(one["product_type"] == named for one in policies):
            fields["product_type"] = product = named
    if not product:
        return fields
    kinds = [one["type"] for one in await types_of(turn, product)]
    if draft.get("type") in kinds and not turn.entity("matter"):
        return fields
    kind = turn.entity("matter") if turn.entity("matter") in kinds else type_of(account, kinds)
    if kind and kind != draft.get("type"):
        fields["type"] = kind
    return fields


def _chosen(policies: list[Record], number: str | None, product: str | None, is_told: bool) -> Record | None:
    """Return the one policy that is meant; a customer's only one goes without saying once the loss `is_told`."""
    if number:
        return next((one for one in policies if one["number"] == number), None)
    if not product and not is_told:
        return None
    meant = [one for one in policies if product in (None, one["product_type"])]
    return meant[0] if len(meant) == 1 else None


async def claimable(turn: Turn) -> list[Record]:
    """Return the customer's policies that a loss may be put on."""
    return [one for one in await turn.crm.policies() if one["status"] != "surrendered"]


def covering(policies: list[Record], draft: Record) -> list[Record]:
    """Return those of the policies that the loss may fall under; none when it tells of what none of them covers."""
    account = draft.get("description") or ""
    product = draft.get("product_type") or product_of(account)
    if product is None:
        return policies
    exact = [one for one in policies if one["product_type"] == product]
    return exact or [one for one in policies if _may_cover(one["product_type"], product, account)]


def _may_cover(product: str, guessed: str, account: str) -> bool:
    """Say whether a product may cover what was first guessed to be another's: it is told of too, or both insure
    people, and one illness or injury may fall under several of these."""
    return {product, guessed} <= _OF_PEOPLE or tells("product", account, {product}) == product


async def types_of(turn: Turn, product_type: str) -> list[dict[str, Any]]:
    """Return the kinds of claims that a product knows."""
    return [one for one in await turn.crm.materials(product_type) if one["product_type"] == product_type]
