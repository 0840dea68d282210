"""What the actions say, by response name and variables, against a CRM that follows the contract."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.__main__ import executor
from actions.answering import ANSWERS, answer_or_excuse
from actions.crm import CrmUnavailable
from actions.identity import ValidateVerifyForm
from actions.turn import Turn

CONTRACT = json.loads((Path(__file__).parents[1] / "contracts" / "actions_to_crm.json").read_text("utf-8"))
executor()


def tracker(
    text: str,
    who: str = "w1",
    entities: dict[str, str] | None = None,
    slots: dict[str, Any] | None = None,
    intent: str = "inform",
    language: str = "zh-Hans",
    form: str | None = None,
    number: int = 1,
    confidence: float = 0.9,
) -> Tracker:
    message = {
        "text": text,
        "intent": {"name": intent, "confidence": confidence},
        "entities": [{"entity": name, "value": value} for name, value in (entities or {}).items()],
        "metadata": {"message_id": f"{who}-{number}", "language": language, "channel": "web", "level": 0},
    }
    events = [{"event": "user", "text": text, "parse_data": message, "metadata": message["metadata"]}]
    loop = {"name": form} if form else {}
    return Tracker("1:1", slots or {}, message, events, False, None, loop, "action_listen")


def answer(action: str, *args: Any, **kwargs: Any) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    dispatcher = CollectingDispatcher()
    turn = Turn(dispatcher, tracker(*args, **kwargs))
    asyncio.run(answer_or_excuse(action, turn))
    return dispatcher.messages, list(turn.events)


def fill(*args: Any, **kwargs: Any) -> tuple[list[str], dict[str, Any]]:
    dispatcher = CollectingDispatcher()
    events = asyncio.run(
        ValidateVerifyForm().run(dispatcher, tracker(*args, form="verify_form", **kwargs), {})
    )
    return [one["response"] for one in dispatcher.messages], {
        event["name"]: event["value"] for event in events
    }


def verify(who: str = "w1") -> None:
    fill("123X", who, {"id_last4": "123X"}, {"phone": "13800138000", "requested_slot": "id_last4"})
    fill(
        "246810",
        who,
        {"otp": "246810"},
        {"phone": "13800138000", "id_last4": "123X", "requested_slot": "otp"},
        number=2,
    )


def test_stranger_is_led_into_verification_and_the_request_is_kept(crm: Any) -> None:
    said, events = answer("action_query_claim", "我的理赔到哪一步了")
    assert [one["response"] for one in said] == ["utter_verify_first"]
    assert {"event": "followup", "timestamp": None, "name": "verify_form"} in events
    kept = json.loads(next(event["value"] for event in events if event.get("name") == "pending"))
    assert kept == {"action": "action_query_claim", "text": "我的理赔到哪一步了", "intent": "inform"}


def test_known_number_reads_its_own_claim_without_verification(crm: Any) -> None:
    said, _ = answer("action_query_claim", "C2026000101", "sk1", {"claim_number": "C2026000101"})
    lines = [line["response"] for line in said[0]["lines"]]
    assert lines == ["utter_claim_stage_under_review", "utter_claim_next_under_review", "utter_claim_by"]


def test_claim_answer_says_status_dates_next_step_and_what_is_missing(crm: Any) -> None:
    verify()
    said, _ = answer("action_query_claim", "where is my claim", language="en", number=3)
    lines = {line["response"]: line for line in said[0]["lines"]}
    assert lines["utter_claim_stage_under_review"]["since"] == "10 November 2026"
    assert lines["utter_claim_missing"]["documents"] == "Original medical invoices"
    assert lines["utter_claim_claimed"]["amount"] == "CNY 3,200.00"
    assert lines["utter_claim_by"]["date"] == "24 November 2026"


def test_code_form_sends_checks_and_resends(crm: Any) -> None:
    person = {"phone": "13800138000", "id_last4": "123X"}
    assert fill("123X", "w1", {"id_last4": "123X"}, {"phone": "13800138000", "requested_slot": "id_last4"})[
        0
    ] == ["utter_code_sent"]
    asking = {**person, "requested_slot": "otp"}
    assert fill("111111", "w1", {"otp": "111111"}, asking, number=2)[0] == ["utter_code_wrong"]
    assert fill("000000", "w1", {"otp": "000000"}, asking, number=3)[0] == ["utter_code_expired"]
    assert fill("没收到", "w1", None, asking, intent="verify_identity", number=4)[0] == ["utter_code_sent"]
    said, slots = fill("246810", "w1", {"otp": "246810"}, asking, number=5)
    assert (said, slots) == ([], {"otp": "246810"})
    assert ("POST", "/api/v1/bot/verification", "w1-4:verification") in crm.calls


def test_other_question_in_the_form_is_left_to_its_rule(crm: Any) -> None:
    assert fill("犹豫期是多久", "w1", None, {"requested_slot": "phone"}, intent="ask_faq") == ([], {})


@pytest.mark.parametrize(
    ("wait", "said", "told"),
    [
        (41, "utter_code_just_asked", {"seconds": 50}),
        (7200, "utter_code_asked_often", {"time": "11月22日 11:03"}),
    ],
)
def test_a_code_asked_for_too_soon_is_not_said_to_be_sent(
    crm: Any, wait: int, said: str, told: dict[str, Any]
) -> None:
    crm.wait_seconds = wait
    asking = {"phone": "13800138000", "id_last4": "123X", "requested_slot": "otp"}
    state = tracker("没收到", "w1", slots=asking, intent="verify_identity", form="verify_form")
    state.latest_message["metadata"]["received_at"] = "2026-11-22T01:02:03Z"
    dispatcher = CollectingDispatcher()
    asyncio.run(ValidateVerifyForm().run(dispatcher, state, {}))
    (message,) = dispatcher.messages
    assert message["response"] == said
    assert told.items() <= message.items()
    assert message["phone"] == "138****8000"


NEW_PHONE = {"phone_number": "14200000199"}


@pytest.mark.parametrize("words", ["换手机号码 142 0000 0199", "my new number is 142-0000-0199"])
@pytest.mark.parametrize(
    ("action", "intent"), [("action_take_details", "inform"), ("action_fallback", "nlu_fallback")]
)
def test_a_phone_given_as_the_new_one_is_a_change_however_the_message_was_read(
    crm: Any, words: str, action: str, intent: str
) -> None:
    said, events = answer(action, words, "wv1", NEW_PHONE, intent=intent)
    matter = json.loads(next(event["value"] for event in events if event.get("name") == "matter"))
    assert (said, matter) == ([], {"kind": "contact", "field": "phone", "value": "14200000199"})


def test_a_new_phone_is_not_taken_for_the_one_on_record(crm: Any) -> None:
    said, events = answer("action_take_details", "换手机号码 142 0000 0199", "w1", NEW_PHONE)
    assert [one["response"] for one in said] == ["utter_verify_first"]
    assert json.loads(events[0]["value"])["phone_number"] == "14200000199"
    assert fill("换手机号码 142 0000 0199", "w1", NEW_PHONE) == ([], {})


def test_a_phone_without_such_words_is_no_change(crm: Any) -> None:
    said, _ = answer("action_take_details", "142 0000 0199", "wv1", NEW_PHONE)
    assert [one["response"] for one in said] == ["utter_what_about"]


def test_third_wrong_code_in_a_form_offers_a_person(crm: Any) -> None:
    asking = {"phone": "13800138000", "id_last4": "123X", "requested_slot": "otp"}
    begun = {"event": "active_loop", "name": "verify_form"}
    wrong = {"event": "bot", "text": "…", "metadata": {"utter_action": "utter_code_wrong"}}
    heard = []
    for number, before in enumerate(([begun, wrong, wrong], [wrong, wrong, begun, wrong])):
        state = tracker("111111", "w1", {"otp": "111111"}, asking, form="verify_form", number=number)
        state.events[:0] = before
        dispatcher = CollectingDispatcher()
        asyncio.run(ValidateVerifyForm().run(dispatcher, state, {}))
        heard.append(dispatcher.messages[0]["response"])
    assert heard == ["utter_code_wrong_again", "utter_code_wrong"]


def test_waiting_request_is_answered_after_verification(crm: Any) -> None:
    verify()
    pending = json.dumps(
        {"action": "action_query_policy_detail", "policy_number": "P2024000123", "text": "P2024000123保什么"}
    )
    said, events = answer(
        "action_after_verification", "246810", slots={"pending": pending, "otp": "246810"}, number=3
    )
    assert [one["response"] for one in said] == ["utter_verified", "utter_policy_detail"]
    assert all(event["event"] != "followup" for event in events)


def test_a_step_for_an_agent_ends_with_the_colleague_and_offers_nothing(crm: Any) -> None:
    verify()
    proved: dict[str, Any] = {"slots": {"otp": "246810"}, "number": 3}
    said, _ = answer("action_after_verification", "246810", **proved)
    assert [one["response"] for one in said] == ["utter_verified", "utter_what_next"]
    crm.mode = "human"
    said, _ = answer("action_after_verification", "246810", **proved)
    assert [one["response"] for one in said] == ["utter_verified", "utter_colleague_goes_on"]
    said, _ = answer("action_start_verification", "验证身份", number=4)
    assert [one["response"] for one in said] == ["utter_colleague_goes_on"]
    said, _ = answer("action_cancel", "算了", intent="cancel", form="verify_form", number=5)
    assert [one["response"] for one in said] == ["utter_colleague_goes_on"]


def test_a_document_collected_for_an_agent_is_given_back_once_it_has_its_place(crm: Any) -> None:
    verify()
    crm.mode = "human"
    file = {"document_id": "7"}
    said, _ = answer("action_upload_documents", "/upload_documents", entities=file, number=3)
    assert [one["response"] for one in said] == ["utter_which_document"]
    file["code"] = "invoice"
    said, _ = answer("action_upload_documents", "/upload_documents", entities=file, number=4)
    assert [one["response"] for one in said] == ["utter_claim", "utter_colleague_goes_on"]
    file["document_id"] = "bad"
    said, _ = answer("action_upload_documents", "/upload_documents", entities=file, number=5)
    assert [one["response"] for one in said] == ["utter_document_rejected"]


def test_documents_are_collected_for_an_agent_until_none_is_missing_or_that_is_all(crm: Any) -> None:
    verify()
    crm.mode = "human"
    crm.matters.claims[0]["missing_documents"].append(
        {"code": "report", "name": {"zh": "病历", "en": "Report"}}
    )
    file = {"document_id": "7", "code": "invoice"}
    said, _ = answer("action_upload_documents", "/upload_documents", entities=file, number=3)
    assert [one["response"] for one in said] == ["utter_claim"]
    assert [line["response"] for line in said[0]["lines"]][1:] == [
        "utter_claim_missing",
        "utter_send_the_rest",
    ]
    (done,) = said[0]["choices"]
    assert done["payload"] == '/upload_documents{"document_id": "7", "matter": "that_is_all"}'
    that_is_all = {"document_id": "7", "matter": "that_is_all"}
    said, _ = answer("action_upload_documents", "/upload_documents", entities=that_is_all, number=4)
    assert [one["response"] for one in said] == ["utter_colleague_goes_on"]


def test_the_question_about_one_of_several_files_says_which(crm: Any) -> None:
    verify()
    asked = []
    for document_id, more in (("7", {}), ("8", {"name": "IMG_2.jpg", "number_today": 2, "sent_today": 2})):
        crm.matters.document(document_id, is_verified=True)
        crm.matters.documents[document_id] |= more
        file = {"document_id": document_id}
        said, _ = answer("action_upload_documents", "/upload_documents", entities=file, number=3)
        asked.append(said[0]["file"])
    name = {"response": "utter_file_name", "name": "IMG_2.jpg"}
    assert asked == [
        {"response": "utter_this_file"},
        {"response": "utter_numbered_file", "number": 2, "name": name},
    ]


def test_several_policies_are_offered_as_buttons(crm: Any) -> None:
    verify()
    said, _ = answer("action_query_policy_detail", "保单详情", number=3)
    assert said[0]["response"] == "utter_which_policy"
    assert said[0]["choices"][0]["payload"] == '/query_policy_detail{"policy_number": "P2024000123"}'


def test_product_named_in_the_message_chooses_the_policy(crm: Any) -> None:
    verify()
    said, _ = answer(
        "action_query_policy_detail", "我的车险保什么", entities={"product_type": "auto"}, number=3
    )
    assert said[0]["lines"][0]["number"] == "P2024000123"


def test_handing_over_opens_one_ticket_with_the_key_of_the_message(crm: Any) -> None:
    first, _ = answer("action_request_human", "转人工")
    again, _ = answer("action_request_human", "转人工")
    assert first[0]["number"] == again[0]["number"]
    assert ("POST", "/api/v1/bot/tickets", "w1-1:ticket:inquiry") in crm.calls
    assert CONTRACT["open_ticket"]["idempotency_key"].endswith(":ticket:inquiry")


@pytest.mark.parametrize(
    ("text", "is_urgent"),
    [
        ("刚刚撞了人，流血了", True),
        ("刚刚撞车了，我老婆流了好多血", True),
        ("头上全是血", True),
        ("体检抽了血，想问能不能报", False),
        ("we had a crash and my wife is unconscious", True),
        ("车被刮了", False),
        ("撞到护栏了，人没事", False),
        ("上个月住院了想报销", False),
        ("nobody was hurt, just a scratch", False),
    ],
)
def test_injury_and_danger_go_to_a_person_before_anything_is_asked(
    crm: Any, text: str, is_urgent: bool
) -> None:
    said = answer("action_report_claim", text, intent="report_claim")[0][0]["response"]
    assert (said == "utter_report_urgent") == is_urgent


def test_question_is_answered_from_an_article_or_by_offering_a_person(crm: Any) -> None:
    assert answer("action_answer_question", "犹豫期是多久")[0][0]["title"] == "犹豫期"
    assert answer("action_answer_question", "量子力学")[0][0]["response"] == "utter_no_article"
    assert (
        answer("action_answer_question", "/ask_faq", entities={"article": "surrender-value"})[0][0]["title"]
        == "退保能退多少"
    )


def test_close_articles_are_offered_with_a_person_when_none_fits(crm: Any) -> None:
    said = answer("action_answer_question", "保单贷款怎么借")[0][0]
    assert said["response"] == "utter_close_articles"
    payloads = [choice["payload"] for choice in said["choices"]]
    assert payloads == ['/ask_faq{"article": "surrender-value"}', "/request_human"]


def test_doubtful_question_is_looked_up_before_it_is_refused(crm: Any) -> None:
    doubtful = answer("action_out_of_scope", "犹豫期是多久", intent="out_of_scope", confidence=0.5)
    assert doubtful[0][0]["response"] == "utter_article"
    sure = answer("action_out_of_scope", "犹豫期是多久", intent="out_of_scope", confidence=0.9)
    assert sure[0][0]["response"] == "utter_out_of_scope"


def test_wish_to_be_called_is_taken_up_when_nothing_else_was_understood(crm: Any) -> None:
    events = answer("action_fallback", "让人给我回个电话", intent="nlu_fallback")[1]
    assert [event["name"] for event in events if event["event"] == "followup"] == ["callback_form"]


def test_search_is_told_which_product_the_conversation_is_about(crm: Any) -> None:
    answer("action_answer_question", "犹豫期是多久", slots={"product_type": "medical"})
    assert crm.asked["product_type"] == "medical"
    events = answer("action_query_claim", "C2026000101", "wv1", {"claim_number": "C2026000101"})[1]
    assert {"event": "slot", "name": "product_type", "value": "medical", "timestamp": None} in events


def test_complaint_is_entered_with_its_class(crm: Any) -> None:
    answer("action_complain", "业务员误导我，合同上的签名是伪造的", entities={"product_type": "life"})
    entry = {name: crm.opened[name] for name in ("category", "severity", "product_type")}
    assert entry == {"category": "product", "severity": "major", "product_type": "life"}


def test_complaint_in_traditional_characters_is_told_apart_like_any_other(crm: Any) -> None:
    state = tracker("我要投诉业务员伪造我的签名，我会找律师起诉你们", intent="complain")
    state.events[0]["text"] = "我要投訴業務員偽造我的簽名，我會找律師起訴你們"
    dispatcher = CollectingDispatcher()
    asyncio.run(answer_or_excuse("action_complain", Turn(dispatcher, state)))
    assert dispatcher.messages[0]["about"] == {"response": "utter_complaint_class_sales"}
    assert (crm.opened["category"], crm.opened["severity"]) == ("product", "major")


@pytest.mark.parametrize(
    ("before", "action", "text", "said"),
    [
        ("utter_complaint_taken", "action_fallback", "已经打了五次电话", "utter_complaint_noted"),
        ("utter_complaint_taken", "action_take_details", "工号是12345", "utter_complaint_noted"),
        ("utter_complaint_taken", "action_fallback", "那什么时候有结果？", "utter_rephrase"),
        ("utter_report_urgent", "action_take_details", "14200000199", "utter_urgent_noted"),
        ("utter_urgent_noted", "action_fallback", "在人民路口", "utter_urgent_noted"),
    ],
)
def test_what_follows_a_matter_just_taken_is_noted_with_it(
    crm: Any, before: str, action: str, text: str, said: str
) -> None:
    state = tracker(text, intent="nlu_fallback")
    taken = {"utter_action": before}
    state.events[:0] = [{"event": "user", "text": "…"}, {"event": "bot", "text": "…", "metadata": taken}]
    dispatcher = CollectingDispatcher()
    asyncio.run(answer_or_excuse(action, Turn(dispatcher, state)))
    assert [one["response"] for one in dispatcher.messages] == [said]


def test_decision_is_disputed_once_and_only_when_there_is_one(crm: Any) -> None:
    def dispute(claim: str, number: int, who: str = "wv1") -> str:
        given = {"claim_number": claim}
        return str(answer("action_dispute_claim", "赔得太少", who, given, number=number)[0][0]["response"])

    assert dispute("C2026000909", 1) == "utter_dispute_raised"
    assert dispute("C2026000909", 2) == "utter_dispute_open"
    assert dispute("C2026000101", 3) == "utter_nothing_to_dispute"
    assert dispute("C2026999999", 4) == "utter_claim_not_found"
    assert dispute("C2026000909", 5, "w1") == "utter_dispute_taken"
    assert [one["reason"] for one in crm.matters.disputes] == ["C2026000909 / 赔得太少"]


def test_english_salutation_is_in_latin_letters(crm: Any) -> None:
    name = answer("action_greet", "hello", "wk1", language="en")[0][0]["name"]
    assert name == {"response": "utter_title_f", "surname": "Wang"}
    assert answer("action_greet", "你好", "wk1")[0][0]["name"]["surname"] == "王"


@pytest.mark.parametrize("action", sorted(set(ANSWERS) - {"action_cancel", "action_after_verification"}))
def test_turn_is_tried_again_when_the_crm_is_down(crm: Any, action: str) -> None:
    crm.is_down = True
    """The worker apologises once and asks again; what needs no CRM is answered all the same."""
    try:
        said, events = answer(
            action, "你好呀", entities={"claim_number": "C2026000101"}, intent="change_contact"
        )
    except CrmUnavailable:
        return
    assert said or any(event["event"] == "followup" for event in events), action


def test_nothing_not_theirs_is_told_apart_from_nothing_at_all(crm: Any) -> None:
    verify()
    said, events = answer(
        "action_query_claim", "C2026999999", entities={"claim_number": "C2026999999"}, number=3
    )
    assert said[0]["response"] == "utter_claim_not_found"
    assert any(event.get("name") == "asked" and event["value"] == "claim_number" for event in events)
