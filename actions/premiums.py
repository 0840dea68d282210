"""Premiums: when and how much to pay, and whether it is paid."""

from __future__ import annotations

import asyncio

from actions import knowledge_client
from actions.answering import ANSWERS, answers
from actions.changes import renewal_button
from actions.crm import NotFound, Record
from actions.policies import of_product, product
from actions.turn import Part, Turn, part
from actions.words import holds

_HOW = ("怎么", "如何", "怎样", "续", "能不能", "how", "renew", "can i")


@answers("action_query_premium")
async def query_premium(turn: Turn) -> None:
    """Tell the next instalment of each policy; for a question on how to pay or renew, offer the article too."""
    if turn.entity("matter") == "renewal":
        await ANSWERS["action_renew"](turn)
        return
    number = turn.entity("policy_number")
    try:
        premiums, articles = await asyncio.gather(turn.crm.premiums(number), _how_to(turn))
    except NotFound:
        turn.say("utter_policy_not_found", number=number)
        return
    premiums = of_product(turn, premiums)
    if not premiums:
        turn.say("utter_no_premiums", choices=articles)
        return
    lines = [_premium(turn, premium) for premium in premiums]
    if not holds("renew", turn.text):
        turn.say("utter_premiums", lines=lines, choices=articles)
        return
    if len(premiums) == 1:
        turn.remember("policy_number", premiums[0]["policy_number"])
    turn.say(
        "utter_renewal_offer",
        lines=lines,
        choices=[*(renewal_button(turn, one["policy_number"], one) for one in premiums[:3]), *articles],
    )


def _premium(turn: Turn, premium: Record) -> Part:
    grace = premium.get("grace_until") if premium["status"] == "overdue" else None
    last_paid = premium.get("last_paid_date")
    return part(
        f"utter_premium_{premium['status']}",
        product=product(turn, premium),
        number=premium["policy_number"],
        due=turn.date(premium.get("due_date")),
        amount=turn.money(premium.get("amount")),
        grace=part("utter_premium_grace", date=turn.date(grace)) if grace else "",
        last_paid=part("utter_premium_last_paid", date=turn.date(last_paid)) if last_paid else "",
    )


async def _how_to(turn: Turn) -> list[dict[str, object]]:
    if not any(word in turn.text.lower() for word in _HOW):
        return []
    try:
        found = await knowledge_client.search(turn.text, turn.full_language, turn.product_type, limit=1)
    except knowledge_client.KnowledgeUnavailable:
        return []
    article = found.get("answer") if found.get("fits") else None
    if not article:
        return []
    return [{"title": article["title"], "payload": f'/ask_faq{{"article": "{article["article"]}"}}'}]
