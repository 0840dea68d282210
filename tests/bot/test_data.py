"""The training data: complete, varied, and apart from the fixed split."""

from __future__ import annotations

import re
from collections import Counter, defaultdict

import pytest
from nlu_split import read_split
from rasa.shared.core.domain import Domain
from rasa.shared.nlu.training_data.loading import load_data

from bot.settings import FOLDER
from bot.text import normalise

BUSINESS = {
    "verify_identity",
    "query_policies",
    "query_policy_detail",
    "query_premium",
    "query_beneficiary",
    "query_claim",
    "report_claim",
    "ask_claim_materials",
    "upload_documents",
    "change_contact",
    "change_payment_account",
    "change_beneficiary",
    "surrender_policy",
    "complain",
    "suggest",
    "dispute_claim",
    "query_ticket",
    "request_human",
    "ask_faq",
    "stop_notifications",
    "request_quote",
}


def _masked(text: str) -> str:
    text = re.sub(r"⟦[^⟧]*⟧|[PCT]?\d[\d -]*[Xx]?", "#", normalise(text))
    return re.sub(r"[\W_]+", "", text).lower()


@pytest.fixture(scope="module")
def examples() -> list[tuple[str, str]]:
    return [
        (one.get("text"), one.get("intent"))
        for one in load_data(str(FOLDER / "data" / "nlu")).intent_examples
    ]


def test_every_intent_of_the_domain_has_examples(examples: list[tuple[str, str]]) -> None:
    intents = {intent for _, intent in examples}
    assert (
        set(Domain.load(str(FOLDER / "domain")).intents)
        - {"nlu_fallback", "back", "restart", "session_start"}
        == intents
    )


@pytest.mark.parametrize("language", ["zh", "en"])
def test_business_intents_have_25_examples_a_language(language: str) -> None:
    counts: Counter[str] = Counter()
    for path in (FOLDER / "data" / "nlu").glob(f"{language}_*.yml"):
        counts.update(one.get("intent") for one in load_data(str(path)).intent_examples)
    assert {intent: counts[intent] for intent in BUSINESS if counts[intent] < 25} == {}


def test_out_of_scope_is_varied(examples: list[tuple[str, str]]) -> None:
    assert len({_masked(text) for text, intent in examples if intent == "out_of_scope"}) >= 120


def test_no_sentence_means_two_things(examples: list[tuple[str, str]]) -> None:
    meanings = defaultdict(set)
    for text, intent in examples:
        meanings[_masked(text)].add(intent)
    assert {text: found for text, found in meanings.items() if len(found) > 1 and text not in ("", "#")} == {}


def test_the_split_is_not_in_the_training_data(examples: list[tuple[str, str]]) -> None:
    trained = {_masked(text) for text, _ in examples}
    leaked = [
        text
        for language in ("zh", "en")
        for text, intent in read_split(language)
        if len(_masked(text)) > 6 and _masked(text) in trained
    ]
    assert leaked == []
