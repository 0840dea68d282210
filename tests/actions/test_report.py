"""A claim report as customers really tell and correct it: what the draft then holds, and what is filed."""

from __future__ import annotations

import asyncio
from datetime import date
from typing import Any

import pytest
from rasa_sdk.executor import CollectingDispatcher

from bot.entities import find_entities
from tests.actions import fake_crm
from tests.actions.test_answers import tracker
from tests.actions.test_forms import ACTIONS, VERIFIED

TOLD = {
    "description": "家里水管爆了，地板泡坏了",
    "incident_date": "2026-11-20",
    "policy_number": "P2026000001",
    "type": "home_damage",
}
CAR, HOME, CRITICAL = (
    fake_crm.policy("P2024000123", "auto", "安行家用车险", "Safe Journey Auto"),
    fake_crm.policy("P2026000001", "home", "宜家家财险", "Homestead"),
    fake_crm.policy("P2026000002", "critical_illness", "康泽重疾险", "Evercare Critical Illness"),
)


@pytest.fixture
def holds(crm: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Return what gives the customer just these policies."""

    def give(*policies: dict[str, Any]) -> None:
        monkeypatch.setattr(fake_crm, "POLICIES", list(policies))
        crm.matters.policies = list(policies)

    give(CAR, HOME)
    return give


def say(text: str, intent: str, *said: str, number: int = 2, step: str | None = "step") -> Any:
    """Give the form a message as the bot reads it, after a turn for each of `said`; returns whether it was taken, and
    what was said."""
    state = tracker(
        text, VERIFIED, slots={"requested_slot": step}, intent=intent, form="claim_form", number=number
    )
    found = [] if text.startswith("/") else find_entities(text, date(2026, 11, 22))
    state.latest_message["entities"] = [
        {"entity": one.entity, "value": one.value, "start": one.start, "end": one.end} for one in found
    ]
    before = [
        event
        for name in said
        for event in (
            {"event": "user", "text": "…"},
            {"event": "bot", "text": "…", "metadata": {"utter_action": name}},
        )
    ]
    state.events[:0] = before
    dispatcher = CollectingDispatcher()
    events = asyncio.run(ACTIONS["validate_claim_form"]().run(dispatcher, state, {}))
    return bool(events), [one["response"] for one in dispatcher.messages]


def ask(step: str | None = "step", *answered: str) -> tuple[list[dict[str, Any]], list[Any]]:
    """Let the form ask, after the rules `answered` the message."""
    state = tracker("…", VERIFIED, slots={"requested_slot": step}, form="claim_form")
    before = [
        {"event": "user", "text": "…"},
        {"event": "bot", "text": "…", "metadata": {"utter_action": "utter_claim_summary"}},
    ]
    after = [{"event": "bot", "text": "…", "metadata": {"utter_action": name}} for name in answered]
    state.events[:] = [*before, *state.events, *after]
    dispatcher = CollectingDispatcher()
    events = asyncio.run(ACTIONS["action_ask_claim_form_step"]().run(dispatcher, state, {}))
    return dispatcher.messages, events


def test_summary_is_shown_in_full_again_after_anything_else(crm: Any, holds: Any) -> None:
    crm.matters.change(dict(TOLD), "web")
    said, _ = ask("step", "utter_policy_detail")
    assert [one["response"] for one in said] == ["utter_claim_summary"]
    assert said[0]["lines"][0]["number"] == "P2026000001"


@pytest.mark.parametrize("question", ["utter_offer_human", "utter_what_to_correct"])
def test_yes_to_another_question_files_nothing(crm: Any, holds: Any, question: str) -> None:
    crm.matters.change(dict(TOLD), "web")
    say("好的", "affirm", "utter_claim_summary", question)
    assert crm.matters.draft is not None


def test_report_finished_on_another_channel_is_not_begun_anew(crm: Any, holds: Any) -> None:
    said, events = ask("step", "utter_claim")
    assert (said, crm.matters.draft) == ([], None)
    assert {"event": "slot", "timestamp": None, "name": "requested_slot", "value": None} in events
    assert any(event.get("name") == "action_listen" for event in events)


def test_what_is_said_after_it_was_finished_elsewhere_begins_nothing(crm: Any, holds: Any) -> None:
    assert say("昨天", "inform", "utter_ask_claim_incident_date") == (False, [])
    assert crm.matters.draft is None


def test_report_that_only_begins_has_a_draft(crm: Any, holds: Any) -> None:
    said, _ = ask(None, "utter_report_start")
    assert said[0]["response"] == "utter_ask_claim_description"
    assert crm.matters.draft is not None


def test_loss_is_not_put_on_the_only_policy_when_that_does_not_cover_it(crm: Any, holds: Any) -> None:
    holds(CRITICAL)
    crm.matters.change({}, "sms")
    say("my house burned down last night", "report_claim", "utter_ask_claim_description")
    draft = crm.matters.shown()
    assert (draft["policy_number"], draft["incident_date"]) == (None, "2026-11-21")
    said, _ = ask()
    assert said[0]["response"] == "utter_no_policy_to_claim"
    assert [one["payload"] for one in said[0]["choices"]] == ['/report_claim{"policy_number": "P2026000002"}']
    assert say("yes please", "affirm", "utter_no_policy_to_claim") == (True, ["utter_handed_over"])


def test_wish_to_report_alone_settles_no_policy(crm: Any, holds: Any) -> None:
    holds(CRITICAL)
    crm.matters.change({}, "web")
    say("我要报案", "report_claim", "utter_report_start")
    assert crm.matters.shown()["policy_number"] is None


def test_only_policy_goes_without_saying_when_the_account_names_no_other(crm: Any, holds: Any) -> None:
    holds(CRITICAL)
    crm.matters.change({}, "web")
    say("我确诊了比较严重的病", "inform", "utter_ask_claim_description")
    assert crm.matters.shown()["policy_number"] == "P2026000002"


@pytest.mark.parametrize(
    ("account", "product", "number"),
    [
        ("在家里摔了一跤骨折了", "accident", "P2026000003"),
        ("在小区里骑车摔了一跤,手腕扭了", "medical", "P2026000004"),
    ],
)
def test_policy_that_the_account_may_also_mean_is_asked_about(
    crm: Any, holds: Any, account: str, product: str, number: str
) -> None:
    holds(fake_crm.policy(number, product, "平安行", "Everyday"), CAR)
    crm.matters.change({"description": account, "incident_date": "2026-11-20"}, "web")
    said, _ = ask()
    assert said[0]["response"] == "utter_ask_claim_policy"
    assert [one["payload"] for one in said[0]["choices"]] == [f'/report_claim{{"policy_number": "{number}"}}']


def test_policy_named_by_its_number_is_taken_whatever_was_guessed(crm: Any, holds: Any) -> None:
    crm.matters.change({"description": "家里的车被淹了", "incident_date": "2026-11-20"}, "web")
    say("P2026000001", "inform", "utter_ask_claim_policy")
    assert crm.matters.shown()["policy_number"] == "P2026000001"


@pytest.mark.parametrize(
    ("text", "intent", "field", "value"),
    [
        ("不对,保单用车险那份", "query_policy_detail", "policy_number", "P2024000123"),
        ("前天吧", "goodbye", "incident_date", "2026-11-20"),
        ("actually it was on Saturday", "goodbye", "incident_date", "2026-11-21"),
        (
            "actually it was on Saturday when I came back from work",
            "goodbye",
            "incident_date",
            "2026-11-21",
        ),
        (
            "金额改成8000",
            "change_payment_account",
            "claimed_amount",
            {"amount": "8000.00", "currency": "CNY"},
        ),
        ("大概损失5000", "nlu_fallback", "claimed_amount", {"amount": "5000.00", "currency": "CNY"}),
        ("change the amount to 8,000", "quote", "claimed_amount", {"amount": "8000.00", "currency": "CNY"}),
        ("地点是杭州西湖区灵隐路", "change_contact", "incident_place", "杭州西湖区灵隐路"),
        ("no, the place was Boston Common", "query_claim", "incident_place", "Boston Common"),
    ],
)
def test_correction_of_the_summary_is_taken(
    crm: Any, holds: Any, text: str, intent: str, field: str, value: Any
) -> None:
    crm.matters.change(TOLD | {"incident_date": "2026-11-15"}, "web")
    assert say(text, intent, "utter_claim_summary") == (True, [])
    draft = crm.matters.shown()
    assert (draft[field], draft["description"]) == (value, TOLD["description"])


def test_date_that_the_summary_has_already_is_no_riddle(crm: Any, holds: Any) -> None:
    crm.matters.change(dict(TOLD), "web")
    for intent in ("goodbye", "nlu_fallback"):
        assert say("其实是前天", intent, "utter_claim_summary") == (True, [])


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("车险保单什么时候到期?", "query_policy_detail"),
        ("actually what does my car policy cover", "ask_faq"),
        ("改车险的受益人", "change_beneficiary"),
        ("no, cancel my car policy", "surrender_policy"),
        ("我要看车险那份保单", "query_policy_detail"),
        ("那明天见", "goodbye"),
    ],
)
def test_request_at_the_summary_is_left_to_its_rule(crm: Any, holds: Any, text: str, intent: str) -> None:
    crm.matters.change(dict(TOLD), "web")
    assert say(text, intent, "utter_claim_summary") == (False, [])
    assert crm.matters.shown()["policy_number"] == TOLD["policy_number"]


def test_account_is_what_happened_and_not_when(crm: Any, holds: Any) -> None:
    crm.matters.change({}, "web")
    say("昨天晚上", "inform", "utter_ask_claim_description")
    draft = crm.matters.shown()
    assert (draft["description"], draft["incident_date"]) == (None, "2026-11-21")
    say("家里水管爆了,地板泡坏了", "inform", "utter_ask_claim_description", number=3)
    draft = crm.matters.shown()
    assert (draft["description"], draft["policy_number"]) == ("家里水管爆了,地板泡坏了", "P2026000001")


def test_account_that_is_only_a_date_gives_way_to_the_real_one(crm: Any, holds: Any) -> None:
    crm.matters.change({"description": "昨天晚上", "incident_date": "2026-11-21"}, "web")
    say("家里水管爆了,地板泡坏了", "inform", "utter_ask_claim_policy")
    assert crm.matters.shown()["description"] == "家里水管爆了,地板泡坏了"


@pytest.mark.parametrize("text", ["没有,先不说了", "no, I'd rather not say now"])
def test_refusal_is_no_account(crm: Any, holds: Any, text: str) -> None:
    crm.matters.change({}, "web")
    assert say(text, "deny", "utter_ask_claim_description") == (True, ["utter_confirm_cancel"])
    assert crm.matters.shown()["description"] is None


def test_account_that_begins_with_a_no_is_one(crm: Any, holds: Any) -> None:
    crm.matters.change({}, "web")
    say("不小心把别人的车刮了", "deny", "utter_ask_claim_description")
    assert crm.matters.shown()["description"] == "不小心把别人的车刮了"


@pytest.mark.parametrize(
    ("text", "is_added"),
    [
        ("11月20号在杭州西湖区的停车场,楼上邻居忘了关水龙头,已经赔了押金", True),
        ("it was on Saturday and the neighbour upstairs had left his tap running", True),
        ("联系电话改一下,是14200000105", False),
        ("修地板一共花了大概三千二百块钱左右吧", False),
    ],
)
def test_story_beside_the_details_is_added_to_the_account(
    crm: Any, holds: Any, text: str, is_added: bool
) -> None:
    crm.matters.change(dict(TOLD), "web")
    say(text, "inform", "utter_claim_summary")
    assert (text in crm.matters.shown()["description"]) is is_added


@pytest.mark.parametrize("text", ["提交", "继续报", "submit it"])
def test_who_wants_to_go_on_stops_nothing_whatever_was_asked(crm: Any, holds: Any, text: str) -> None:
    crm.matters.change(dict(TOLD), "web")
    say(text, "affirm", "utter_confirm_cancel")
    assert crm.matters.draft is not None
    say("是的", "affirm", "utter_confirm_cancel", number=3)
    assert crm.matters.draft is None
