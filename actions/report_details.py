"""What a message adds to a claim report."""

from __future__ import annotations

from typing import Any

from actions.claim_words import is_account, place_of, product_of, type_of
from actions.crm import Record
from actions.mood import injury
from actions.turn import Turn

MAX_ACCOUNT = 1000


async def read_details(turn: Turn, draft: Record, asked: str | None) -> Record:
    """Return the fields of the draft that the message gives or changes; `asked` is what the bot has just asked for."""
    is_button = turn.text.startswith("/")
    text = "" if is_button else turn.text
    simple: Record = {
        "incident_date": turn.entity("date"),
        "claimed_amount": _amount(turn),
        "incident_place": place_of(text),
        "injured": injury(text),
        "contact_phone": turn.entity("phone_number"),
    }
    simple["description"] = _account(turn, text, draft, asked, told=any(simple.values()))
    fields = {name: value for name, value in simple.items() if value is not None and value != draft.get(name)}
    account = f"{draft.get('description') or ''} {text}"
    fields |= await _policy_and_type(turn, draft, account)
    return fields


def _amount(turn: Turn) -> Record | None:
    amount = turn.entity("amount")
    return {"amount": amount, "currency": "CNY"} if amount else None


def _account(turn: Turn, text: str, draft: Record, asked: str | None, told: bool) -> str | None:
    """Return the account of what happened, the message added to it when it tells more than the details `told`."""
    known = draft.get("description")
    if known is None:
        tells = is_account(text) and (
            asked == "description" or turn.intent == "report_claim" or len(text) > 8
        )
        is_only_a_choice = turn.intent == "affirm" or bool(turn.entity("policy_number"))
        return text[:MAX_ACCOUNT] if tells and not is_only_a_choice else None
    adds = turn.intent == "report_claim" or (turn.intent == "inform" and asked is None and not told)
    if adds and len(text) > 12 and is_account(text) and text not in known:
        return f"{known} / {text}"[:MAX_ACCOUNT]
    return None


async def _policy_and_type(turn: Turn, draft: Record, account: str) -> Record:
    """Settle the policy and the kind of claim, as far as the message, or the account as a whole, tells."""
    fields: Record = {}
    product, number = draft.get("product_type"), turn.entity("policy_number")
    named = turn.entity("product_type")
    if number or (named and named != product) or not draft.get("policy_number"):
        policies = await covering(turn, draft, named or product_of(account))
        chosen = [one for one in policies if one["number"] == number] if number else policies
        if len(chosen) == 1 and (
            number or named or product_of(account) == chosen[0]["product_type"] or len(policies) == 1
        ):
            fields["policy_number"] = chosen[0]["number"]
            product = chosen[0]["product_type"]
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


async def covering(turn: Turn, draft: Record, product_type: str | None = None) -> list[Record]:
    """Return the customer's policies that a loss may fall under: of the product if one is told, else all."""
    wanted = product_type or draft.get("product_type") or product_of(draft.get("description") or "")
    policies = [one for one in await turn.crm.policies() if one["status"] != "surrendered"]
    return [one for one in policies if one["product_type"] == wanted] or policies


async def types_of(turn: Turn, product_type: str) -> list[dict[str, Any]]:
    """Return the kinds of claims that a product knows."""
    return [one for one in await turn.crm.materials(product_type) if one["product_type"] == product_type]
