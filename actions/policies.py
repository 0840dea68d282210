"""Policies: the list, one policy's cover, premiums, beneficiaries."""

from __future__ import annotations

from typing import Any

from actions.answering import answers
from actions.crm import NotFound, Record
from actions.turn import Part, Turn, part

MAX_CHOICES = 9


def product(turn: Turn, record: Record) -> str | Part:
    """Return the product's name in the customer's language; its kind when the record has no name."""
    name = turn.localised(record.get("product_name"))
    return name or part(f"utter_product_{record['product_type']}")


def policy_choices(turn: Turn, policies: list[Record], intent: str) -> list[dict[str, Any]]:
    """Return a button for each policy that asks the same question of it."""
    return [
        {
            "title": part("utter_button_policy", product=product(turn, policy), number=policy["number"]),
            "payload": f'/{intent}{{"policy_number": "{policy["number"]}"}}',
        }
        for policy in policies[:MAX_CHOICES]
    ]


def policy_cards(turn: Turn, policies: list[Record], intent: str) -> list[dict[str, Any]]:
    """Return a card for each policy, whose button asks the same question of it."""
    return [
        {
            "title": product(turn, policy),
            "subtitle": policy["number"],
            "kind": "policy",
            "badge": part(f"utter_policy_status_{policy['status']}"),
            "facts": [
                {
                    "label": part("utter_label_until"),
                    "value": turn.date(policy["end_date"]) or part("utter_for_life"),
                }
            ],
            "buttons": [
                {
                    "title": part("utter_button_this_one"),
                    "payload": f'/{intent}{{"policy_number": "{policy["number"]}"}}',
                }
            ],
        }
        for policy in policies[:MAX_CHOICES]
    ]


def of_product(turn: Turn, records: list[Record]) -> list[Record]:
    """Keep those of the product that the customer named; all when none is named or none is left."""
    wanted = turn.entity("product_type")
    return [record for record in records if record["product_type"] == wanted] or records


@answers("action_query_policies")
async def query_policies(turn: Turn) -> None:
    """List the customer's policies, each with its state and term; a single one in full."""
    policies = of_product(turn, await turn.crm.policies())
    if not policies:
        turn.say("utter_no_policies")
    elif len(policies) == 1:
        await _say_detail(turn, policies[0]["number"])
    else:
        items = [_list_item(turn, policy) for policy in policies]
        choices = policy_choices(turn, policies, "query_policy_detail")
        turn.say("utter_policy_list", count=len(policies), items=items, choices=choices)


def _list_item(turn: Turn, policy: Record) -> Part:
    return part(
        "utter_policy_list_item",
        product=product(turn, policy),
        number=policy["number"],
        status=part(f"utter_policy_status_{policy['status']}"),
        end=turn.date(policy["end_date"]) or part("utter_for_life"),
    )


@answers("action_query_policy_detail")
async def query_policy_detail(turn: Turn) -> None:
    """Tell one policy's cover, sum insured, state and dates; offer a choice when it could be several."""
    number = turn.number("policy_number")
    if number is None:
        policies = of_product(turn, await turn.crm.policies())
        if not policies:
            turn.say("utter_no_policies")
            return
        if len(policies) > 1:
            choices = policy_choices(turn, policies, "query_policy_detail")
            cards = policy_cards(turn, policies, "query_policy_detail")
            turn.say("utter_which_policy", choices=choices, cards=cards)
            return
        number = str(policies[0]["number"])
    try:
        await _say_detail(turn, number)
    except NotFound:
        turn.remember("policy_number", None)
        turn.ask_for("policy_number")
        turn.say("utter_policy_not_found", number=number)


async def _say_detail(turn: Turn, number: str) -> None:
    policy = await turn.crm.policy(number)
    turn.remember("policy_number", number)
    turn.remember("product_type", policy["product_type"])
    head = part(
        "utter_policy_head",
        product=product(turn, policy),
        number=number,
        status=part(f"utter_policy_status_{policy['status']}"),
        insured=policy["insured_name"],
        start=turn.date(policy["start_date"]),
        end=turn.date(policy["end_date"]) or part("utter_for_life"),
    )
    money = part(
        "utter_policy_money",
        sum_insured=turn.money(policy["sum_insured"]),
        premium=turn.money(policy["premium"]),
        frequency=part(f"utter_frequency_{policy['payment_frequency']}"),
    )
    coverages = [_coverage(turn, coverage) for coverage in policy.get("coverages") or []]
    heading = [part("utter_coverages_heading")] if coverages else []
    hint = [part(f"utter_policy_hint_{policy['status']}")] if policy["status"] in ("grace", "lapsed") else []
    follow_ups = [
        {"title": part("utter_button_premium"), "payload": f'/query_premium{{"policy_number": "{number}"}}'},
        {
            "title": part("utter_button_beneficiary"),
            "payload": f'/query_beneficiary{{"policy_number": "{number}"}}',
        },
    ]
    turn.say("utter_policy_detail", lines=[head, money, *heading, *coverages, *hint], choices=follow_ups)


def _coverage(turn: Turn, coverage: Record) -> Part:
    deductible = coverage.get("deductible")
    has_deductible = deductible is not None and float(deductible["amount"]) > 0
    days = coverage.get("waiting_period_days") or 0
    return part(
        "utter_coverage",
        name=turn.localised(coverage["name"]),
        sum_insured=turn.money(coverage["sum_insured"]),
        deductible=part("utter_coverage_deductible", amount=turn.money(deductible)) if has_deductible else "",
        waiting=part("utter_coverage_waiting", days=days) if days else "",
    )


@answers("action_query_beneficiary")
async def query_beneficiary(turn: Turn) -> None:
    """Tell who the beneficiaries are, policy by policy."""
    number = turn.entity("policy_number")
    try:
        found = await turn.crm.beneficiaries(number)
    except NotFound:
        turn.say("utter_policy_not_found", number=number)
        return
    if not found:
        turn.say("utter_no_beneficiaries")
        return
    lines: list[Part] = []
    for policy_number in dict.fromkeys(one["policy_number"] for one in found):
        lines.append(part("utter_beneficiaries_of", number=policy_number))
        lines += [_beneficiary(one) for one in found if one["policy_number"] == policy_number]
    change = {"title": part("utter_button_change_beneficiary"), "payload": "/change_beneficiary"}
    turn.say("utter_beneficiaries", lines=lines, choices=[change])


def _beneficiary(one: Record) -> Part:
    share = f"{float(one['share_percent']):g}"
    relationships = (
        "spouse",
        "child",
        "parent",
        "sibling",
        "grandparent",
        "other",
        "legal_heirs",
        "self",
        "son",
        "daughter",
    )
    known = one["relationship"] in relationships
    relationship = part(f"utter_relationship_{one['relationship']}") if known else one["relationship"]
    return part("utter_beneficiary", name=one["name"], relationship=relationship, share=share)
