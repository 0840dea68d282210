"""The forms, message by message: what goes into the draft or the change, and what is said."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from rasa_sdk.executor import CollectingDispatcher

from actions.answering import answer_or_excuse
from actions.forms import FORM_ACTIONS
from actions.turn import Turn
from tests.actions.test_answers import answer, tracker

ACTIONS = {action().name(): action for action in FORM_ACTIONS}
VERIFIED = "wv1"


def take(form: str, text: str, said: str = "", **given: Any) -> tuple[list[str], list[dict[str, Any]]]:
    """Give a message to a form that has just said `said`; returns what is said, and the events."""
    slots = {"requested_slot": "step", **given.pop("slots", {})}
    state = tracker(text, given.pop("who", VERIFIED), slots=slots, form=form, **given)
    before = [
        {"event": "user", "text": "…"},
        {"event": "bot", "text": "…", "metadata": {"utter_action": said}},
    ]
    state.events[:0] = before
    dispatcher = CollectingDispatcher()
    events = asyncio.run(ACTIONS[f"validate_{form}"]().run(dispatcher, state, {}))
    return [one["response"] for one in dispatcher.messages], list(events)


def ask(form: str, **given: Any) -> list[dict[str, Any]]:
    dispatcher = CollectingDispatcher()
    state = tracker("…", VERIFIED, form=form, **given)
    asyncio.run(ACTIONS[f"action_ask_{form}_step"]().run(dispatcher, state, {}))
    return dispatcher.messages


def test_one_sentence_fills_several_fields(crm: Any) -> None:
    answer(
        "action_report_claim",
        "我昨天在浦东把车撞到柱子上了",
        VERIFIED,
        {"date": "2026-11-21"},
        intent="report_claim",
    )
    draft = crm.matters.shown()
    assert (draft["incident_date"], draft["incident_place"]) == ("2026-11-21", "浦东")
    assert (draft["policy_number"], draft["type"], draft["missing"]) == ("P2024000123", "auto_damage", [])
    assert ask("claim_form")[0]["response"] == "utter_claim_summary"


def test_report_whose_first_attempt_failed_after_writing_is_no_earlier_report(crm: Any) -> None:
    said = []
    for _ in range(2):
        words = "我昨天在浦东把车撞到柱子上了"
        given = {"date": "2026-11-21"}
        messages, _ = answer("action_report_claim", words, VERIFIED, given, intent="report_claim")
        said.append([one["response"] for one in messages])
    assert said[0] == said[1] == ["utter_report_sorry"]
    assert crm.matters.shown()["description"] == "我昨天在浦东把车撞到柱子上了"


def test_correction_changes_the_draft_and_nothing_else(crm: Any) -> None:
    test_one_sentence_fills_several_fields(crm)
    take(
        "claim_form",
        "不对，是3号",
        "utter_claim_summary",
        entities={"date": "2026-11-03"},
        intent="deny",
        number=2,
    )
    draft = crm.matters.shown()
    assert (draft["incident_date"], draft["description"]) == ("2026-11-03", "我昨天在浦东把车撞到柱子上了")


def test_yes_before_the_summary_reports_nothing(crm: Any) -> None:
    test_one_sentence_fills_several_fields(crm)
    take("claim_form", "好的", "utter_article", intent="affirm", number=2)
    assert crm.matters.draft is not None


def test_yes_to_the_summary_reports_the_claim_once(crm: Any) -> None:
    test_one_sentence_fills_several_fields(crm)
    for _ in range(2):
        said, _events = take("claim_form", "对", "utter_claim_summary", intent="affirm", number=2)
    assert crm.matters.draft is None
    assert [one["number"] for one in crm.matters.claims] == ["C2026000201", "C2026000101"]
    assert said == ["utter_claim"]


def test_question_in_the_form_is_left_to_its_rule(crm: Any) -> None:
    assert take("claim_form", "犹豫期是多久？", "utter_ask_claim_description", intent="ask_faq") == ([], [])


def test_future_day_is_refused_with_a_reason(crm: Any) -> None:
    crm.matters.change({"description": "车被刮了"}, "web")
    said, _ = take(
        "claim_form",
        "明天",
        "utter_ask_claim_incident_date",
        entities={"date": "2026-11-23"},
        intent="inform",
    )
    assert said == ["utter_date_refused"]


def test_stop_keeps_the_draft_until_it_is_confirmed(crm: Any) -> None:
    test_one_sentence_fills_several_fields(crm)
    said, _ = answer("action_cancel", "算了", VERIFIED, intent="cancel", form="claim_form", number=2)
    assert [one["response"] for one in said] == ["utter_confirm_cancel"]
    assert crm.matters.draft is not None
    take("claim_form", "是的", "utter_confirm_cancel", intent="affirm", number=3)
    assert crm.matters.draft is None


def test_unfinished_report_is_offered_on_another_channel(crm: Any) -> None:
    test_one_sentence_fills_several_fields(crm)
    said, _ = answer("action_greet", "你好", "xv1", intent="greet")
    assert said[0]["response"] == "utter_welcome_back"
    assert said[0]["channel"] == {"response": "utter_channel_web"}


def test_stale_proof_keeps_the_change_for_after_the_verification(crm: Any) -> None:
    crm.matters.is_fresh = False
    matter = json.dumps({"kind": "payment_account", "account": "⟦bank:7f3a⟧"})
    said, events = take(
        "change_form", "对", "utter_confirm_payment_account", intent="affirm", slots={"matter": matter}
    )
    assert said == ["utter_verify_again"]
    pending = json.loads(next(event["value"] for event in events if event.get("name") == "pending"))
    assert (pending["action"], pending["kept"]["account"]) == ("action_submit_change", "⟦bank:7f3a⟧")
    assert crm.matters.changes == []


@pytest.mark.parametrize(
    ("text", "purpose"), [("别发广告了", "marketing"), ("no birthday messages", "greetings"), ("退订", "all")]
)
def test_notices_are_stopped_by_purpose(crm: Any, text: str, purpose: str) -> None:
    answer("action_stop_notifications", text, intent="stop_notifications")
    assert crm.matters.consents == [{"purpose": purpose, "given": False}]


def test_complaint_without_a_story_is_asked_for_one(crm: Any) -> None:
    said, events = answer("action_complain", "我要投诉", intent="complain")
    assert said == []
    assert any(event.get("name") == "complaint_form" for event in events)


def test_second_outburst_goes_to_the_front(crm: Any) -> None:
    state = tracker("太过分了！！！", intent="complain")
    state.events.insert(0, {"event": "user", "text": "你们这些骗子"})
    from actions.answering import answer_or_excuse
    from actions.turn import Turn

    dispatcher = CollectingDispatcher()
    asyncio.run(answer_or_excuse("action_complain", Turn(dispatcher, state)))
    assert dispatcher.messages[0]["response"] == "utter_anger_heard"


def test_nothing_is_written_down_on_a_message_that_was_hardly_understood(crm: Any) -> None:
    state = tracker("well it's sort of like what they meant", intent="suggest", language="en")
    state.latest_message["intent"]["confidence"] = 0.43
    from actions.answering import answer_or_excuse
    from actions.turn import Turn

    dispatcher = CollectingDispatcher()
    asyncio.run(answer_or_excuse("action_suggest", Turn(dispatcher, state)))
    assert [one["response"] for one in dispatcher.messages] == ["utter_rephrase"]


@pytest.mark.parametrize(
    ("text", "is_filed"),
    [
        ("确认无误", True),
        ("submit it", True),
        ("that's not correct", False),
        ("先别提交", False),
        ("怎么提交？", False),
    ],
)
def test_only_words_that_agree_file_the_claim(crm: Any, text: str, is_filed: bool) -> None:
    test_one_sentence_fills_several_fields(crm)
    take("claim_form", text, "utter_claim_summary", intent="nlu_fallback", number=2)
    assert (crm.matters.draft is None) is is_filed


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("24 Sample Road, Boston, MA", "24 Sample Road, Boston, MA"),
        ("it's now 24 Sample Road, Boston", "24 Sample Road, Boston"),
        ("武汉市为民路88号2单元", "武汉市为民路88号2单元"),
        ("新地址是武汉市为民路88号", "武汉市为民路88号"),
    ],
)
def test_address_is_taken_whole(crm: Any, text: str, address: str) -> None:
    matter = json.dumps({"kind": "contact", "field": "address"})
    _, events = take("change_form", text, "utter_ask_new_address", slots={"matter": matter})
    kept = json.loads(next(event["value"] for event in events if event.get("name") == "matter"))
    assert kept["value"] == address


def test_change_goes_on_where_a_proof_was_asked_for(crm: Any) -> None:
    """What was given stays; the message that had to wait is read too, and nothing is sent without a yes."""
    kept = {"kind": "beneficiary", "policy_number": "P2025000045"}
    said, events = resume("action_submit_change", "王小明，儿子，100%", kept, "change_form", person="王小明")
    matter = json.loads(next(event["value"] for event in events if event.get("name") == "matter"))
    assert (matter["policy_number"], matter["wish"], said) == ("P2025000045", "王小明，儿子，100%", [])
    assert crm.matters.changes == []


def test_agreeing_in_other_words_is_a_yes_and_no_new_wish(crm: Any) -> None:
    matter = {
        "kind": "beneficiary",
        "policy_number": "P2025000045",
        "wish": "王小雨，女儿，100%",
        "is_named": True,
    }
    slots = {"matter": json.dumps(matter, ensure_ascii=False)}
    said, _ = take("change_form", "确认无误", "utter_confirm_beneficiary", intent="nlu_fallback", slots=slots)
    assert said == ["utter_beneficiary_asked"]
    assert crm.matters.changes[0]["details"]["wish"] == "王小雨，女儿，100%"


def test_confirmed_change_is_sent_after_the_proof(crm: Any) -> None:
    kept = {"kind": "contact", "field": "phone", "value": "13911112222", "is_confirmed": True}
    said, _ = resume("action_submit_change", "对", kept, "change_form")
    assert (said, len(crm.matters.changes)) == (["utter_contact_asked"], 1)


def test_report_goes_on_where_a_proof_was_asked_for(crm: Any) -> None:
    crm.matters.change({"description": "车被刮了"}, "web")
    said, _ = resume("action_report_claim", "前天在浦东", {}, "claim_form", date="2026-11-20")
    draft = crm.matters.shown()
    assert (draft["incident_date"], draft["incident_place"], said) == ("2026-11-20", "浦东", [])


def resume(action: str, text: str, kept: Any, form: str, **said: str) -> tuple[list[str], list[Any]]:
    """Take up a request of a form after the proof of identity it had to wait for."""
    pending = {"action": action, "text": text, "intent": "inform", "kept": kept, "form": form, **said}
    dispatcher = CollectingDispatcher()
    turn = Turn(dispatcher, tracker("246810", VERIFIED, form="verify_form"), pending)
    asyncio.run(answer_or_excuse(action, turn))
    return [one["response"] for one in dispatcher.messages], list(turn.events)


def quote(text: str, said: str, matter: dict[str, Any], who: str = "w1", **given: Any) -> dict[str, Any]:
    """Give a message to the quote form; returns what it has gathered then."""
    slots = {"matter": json.dumps(matter)}
    _, events = take("quote_form", text, said, slots=slots, who=who, **given)
    return dict(json.loads(next(event["value"] for event in events if event.get("name") == "matter")))


def asked_next(matter: dict[str, Any]) -> str:
    dispatcher = CollectingDispatcher()
    state = tracker("…", "w1", form="quote_form", slots={"matter": json.dumps(matter)}, number=9)
    asyncio.run(ACTIONS["action_ask_quote_form_step"]().run(dispatcher, state, {}))
    return str(dispatcher.messages[0]["response"])


def test_number_for_a_quote_is_asked_for_once_more_when_something_else_was_told(crm: Any) -> None:
    phone = "utter_ask_quote_phone"
    told = quote("我爸62岁", phone, {"product_type": "medical", "need": "给我爸妈买医疗险"})
    assert asked_next(told) == phone
    assert asked_next(quote("他不抽烟", phone, told)) == "utter_quote_taken"
    given = quote("14200000105", phone, told, entities={"phone_number": "14200000105"})
    assert asked_next(given) == "utter_quote_taken"
    assert crm.matters.tasks[-1]["phone"] == "14200000105"


def test_need_of_a_quote_is_asked_for_until_it_has_had_an_answer(crm: Any) -> None:
    matter = {"product_type": "home"}
    assert asked_next(matter) == asked_next(matter) == "utter_ask_quote_need"
    told = quote("a flat of 90 square metres", "utter_ask_quote_need", matter)
    assert asked_next(told) == "utter_ask_quote_phone"


@pytest.mark.parametrize(("text", "intent"), [("不用", "deny"), ("no call please", "nlu_fallback")])
def test_who_wants_no_call_is_not_asked_for_the_number_again(crm: Any, text: str, intent: str) -> None:
    matter = {"product_type": "medical", "need": "给我爸妈买医疗险"}
    assert asked_next(quote(text, "utter_ask_quote_phone", matter, intent=intent)) == "utter_quote_taken"


def test_question_in_the_quote_is_left_to_its_rule_and_its_price_is_not(crm: Any) -> None:
    given = {"who": "w1", "slots": {"matter": json.dumps({"product_type": "home"})}, "confidence": 0.5}
    text = "is flood damage covered"
    for intent in ("query_policy_detail", "out_of_scope", "ask_claim_materials"):
        asked = take("quote_form", text, "utter_ask_quote_phone", intent=intent, **dict(given))
        assert asked == ([], []), intent
    _, events = take("quote_form", "一年多少钱", "utter_ask_quote_need", intent="query_premium", **given)
    assert events != []
