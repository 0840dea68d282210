"""General questions, answered from the articles; and what to do when a message was not understood."""

from __future__ import annotations

import contextlib
from typing import Any

from rasa_sdk.events import FollowupAction

from actions import knowledge_client
from actions.answering import answers
from actions.crm import Conflict, CrmUnavailable, IdentityRequired, Invalid, NotFound
from actions.knowledge_client import KnowledgeUnavailable
from actions.turn import Turn, part

_MENU = {
    "query_claim",
    "query_policies",
    "query_policy_detail",
    "query_premium",
    "query_beneficiary",
    "report_claim",
    "ask_claim_materials",
    "upload_documents",
    "verify_identity",
    "query_ticket",
    "change_contact",
    "surrender_policy",
    "complain",
    "request_quote",
    "change_beneficiary",
    "change_payment_account",
    "dispute_claim",
    "stop_notifications",
}
_MAX_GUESSES = 3
HUMAN: dict[str, Any] = {"title": part("utter_button_human"), "payload": "/request_human"}


@answers("action_answer_question")
async def answer_question(turn: Turn) -> None:
    """Answer from the articles, naming the one quoted; offer a person when nothing fits."""
    if not await say_from_articles(turn):
        turn.say("utter_no_article")


async def say_from_articles(turn: Turn) -> bool:
    """Say the passage that fits the message, or the article that was chosen. False when there is none."""
    language = "en" if turn.language == "en" else turn.full_language
    name = turn.entity("article")
    try:
        if name:
            return _say_article(turn, await knowledge_client.article(name, turn.language))
        found = await knowledge_client.search(turn.text, language, turn.entity("product_type"))
    except KnowledgeUnavailable:
        return False
    answer = found.get("answer") if found.get("fits") else None
    await _keep(turn, found, answer)
    if not answer:
        return False
    others = [
        {"title": other["title"], "payload": f'/ask_faq{{"article": "{other["article"]}"}}'}
        for other in (found.get("others") or [])[:_MAX_GUESSES]
    ]
    turn.say("utter_article", passage=answer["passage"], title=answer["title"], choices=others)
    return True


async def _keep(turn: Turn, found: dict[str, Any], answer: dict[str, Any] | None) -> None:
    """Tell the CRM what the question found, for the editors; the customer's answer does not depend on it."""
    nearest = answer or next(iter(found.get("others") or []), None) or {}
    with contextlib.suppress(CrmUnavailable, IdentityRequired, Invalid, Conflict, NotFound):
        await turn.crm.keep_question(
            is_answered=answer is not None,
            article=nearest.get("article"),
            score=nearest.get("score"),
            product_type=turn.entity("product_type"),
        )


def _say_article(turn: Turn, article: dict[str, Any] | None) -> bool:
    if article is None:
        return False
    turn.say("utter_article", passage=article["text"], title=article["title"])
    return True


@answers("action_fallback")
async def fallback(turn: Turn) -> None:
    """Try the articles; else offer the nearest guesses; the second time in a row offer a person."""
    if turn.intent != "nlu_fallback":
        turn.events.append(FollowupAction("action_listen"))
    if len(turn.text.strip()) > 2 and await say_from_articles(turn):
        return
    if turn.active_form:
        turn.say("utter_rephrase_in_form")
    elif fell_back_before(turn):
        turn.say("utter_offer_human")
    else:
        turn.say("utter_rephrase", choices=_guesses(turn))


def fell_back_before(turn: Turn) -> bool:
    """Say whether the turn before this one was not understood either."""
    return bool({"utter_rephrase", "utter_what_about", "utter_offer_human"} & set(turn.said_before()))


def _guesses(turn: Turn) -> list[dict[str, Any]]:
    likely = [one["name"] for one in turn.ranking if one.get("name") in _MENU][:_MAX_GUESSES]
    return [{"title": part(f"utter_menu_{intent}"), "payload": f"/{intent}"} for intent in likely] + [HUMAN]
