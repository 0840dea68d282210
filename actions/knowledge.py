"""General questions, answered from the articles; and what to do when a message was not understood."""

from __future__ import annotations

import contextlib
from typing import Any

from rasa_sdk.events import FollowupAction

from actions import knowledge_client
from actions.answering import ANSWERS, answers
from actions.callback import begin_call, wants_call
from actions.crm import Conflict, CrmUnavailable, IdentityRequired, Invalid, NotFound
from actions.knowledge_client import KnowledgeUnavailable
from actions.turn import Turn, is_new_phone, part

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
_SURE_OUTSIDE = 0.7
_CLOSE = 0.1
"""An article less likely than this to answer the question is not offered either."""
HUMAN: dict[str, Any] = {"title": part("utter_button_human"), "payload": "/request_human"}


@answers("action_answer_question")
async def answer_question(turn: Turn) -> None:
    """Answer from the articles, naming the one quoted; offer what is close, and a person, when nothing fits."""
    is_answered, close = await say_from_articles(turn)
    if is_answered:
        return
    if close:
        turn.say("utter_close_articles", choices=[*close, HUMAN])
    else:
        turn.say("utter_no_article")


async def say_from_articles(turn: Turn) -> tuple[bool, list[dict[str, Any]]]:
    """Say the passage that fits the message, or the article that was chosen.

    Return whether there was one, and a button for each article that is close.
    """
    name = turn.entity("article")
    try:
        if name:
            return _say_article(turn, await knowledge_client.article(name, turn.language)), []
        found = await knowledge_client.search(turn.text, turn.full_language, turn.product_type)
    except KnowledgeUnavailable:
        return False, []
    if turn.entity("product_type"):
        turn.remember("product_type", turn.entity("product_type"))
    answer = found.get("answer") if found.get("fits") else None
    await _keep(turn, found, answer)
    close = [
        {"title": other["title"], "payload": f'/ask_faq{{"article": "{other["article"]}"}}'}
        for other in (found.get("others") or [])[:_MAX_GUESSES]
        if other["score"] >= _CLOSE
    ]
    if answer:
        turn.say("utter_article", passage=answer["passage"], title=answer["title"], choices=close)
    return answer is not None, close


async def _keep(turn: Turn, found: dict[str, Any], answer: dict[str, Any] | None) -> None:
    """Tell the CRM what the question found, for the editors; the customer's answer does not depend on it."""
    nearest = answer or next(iter(found.get("others") or []), None) or {}
    with contextlib.suppress(CrmUnavailable, IdentityRequired, Invalid, Conflict, NotFound):
        await turn.crm.keep_question(
            is_answered=answer is not None,
            article=nearest.get("article"),
            score=nearest.get("score"),
            product_type=turn.product_type,
        )


def _say_article(turn: Turn, article: dict[str, Any] | None) -> bool:
    if article is None:
        return False
    turn.say("utter_article", passage=article["text"], title=article["title"])
    return True


@answers("action_out_of_scope")
async def out_of_scope(turn: Turn) -> None:
    """Say that this is not our business; where the model is not sure of that, look into the articles first."""
    is_doubtful = turn.confidence < _SURE_OUTSIDE and turn.is_question()
    is_answered, _ = await say_from_articles(turn) if is_doubtful else (False, [])
    if not is_answered:
        turn.say("utter_out_of_scope")


@answers("action_fallback")
async def fallback(turn: Turn) -> None:
    """Try the articles; else offer the nearest guesses; the second time in a row offer a person."""
    if turn.intent != "nlu_fallback":
        turn.events.append(FollowupAction("action_listen"))
    if is_new_phone(turn) and not turn.active_form:
        await ANSWERS["action_request_change"](turn)
        return
    if noted := noted_with_ticket(turn):
        turn.say(noted)
        return
    is_answered, close = await say_from_articles(turn) if len(turn.text.strip()) > 2 else (False, [])
    if is_answered:
        return
    if turn.active_form:
        turn.say("utter_rephrase_in_form")
    elif wants_call(turn):
        begin_call(turn)
    elif fell_back_before(turn):
        turn.say("utter_offer_human")
    else:
        turn.say("utter_rephrase", choices=[*close[:1], *_guesses(turn)])


_NOTED = {
    "utter_complaint_taken": "utter_complaint_noted",
    "utter_complaint_noted": "utter_complaint_noted",
    "utter_report_urgent": "utter_urgent_noted",
    "utter_urgent_noted": "utter_urgent_noted",
}


def noted_with_ticket(turn: Turn) -> str | None:
    """Return what to say when the message goes on about a matter just taken, whose ticket shows it."""
    if turn.active_form or turn.is_question() or wants_call(turn):
        return None
    return next((_NOTED[name] for name in turn.said_before() if name in _NOTED), None)


def fell_back_before(turn: Turn) -> bool:
    """Say whether the turn before this one was not understood either."""
    return bool({"utter_rephrase", "utter_what_about", "utter_offer_human"} & set(turn.said_before()))


def _guesses(turn: Turn) -> list[dict[str, Any]]:
    likely = [one["name"] for one in turn.ranking if one.get("name") in _MENU][:_MAX_GUESSES]
    return [{"title": part(f"utter_menu_{intent}"), "payload": f"/{intent}"} for intent in likely] + [HUMAN]
