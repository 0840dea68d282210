"""The training data: complete, varied, and apart from the fixed split."""

from __future__ import annotations

import re
from collections import Counter, defaultdict

import pytest
from nlu_split import read_probes, read_split
from rasa.shared.core.domain import Domain
from rasa.shared.nlu.training_data.loading import load_data
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.metrics.pairwise import cosine_similarity
from talking import said_in_conversations, said_in_dialogues

from bot.alike import is_alike, masked, said
from bot.settings import FOLDER

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


def _examples(folder: str) -> list[tuple[str, str]]:
    data = load_data(str(FOLDER / "data" / "nlu" / folder))
    return [(one.get("text"), one.get("intent")) for one in data.intent_examples]


@pytest.fixture(scope="module")
def examples() -> list[tuple[str, str]]:
    return _examples("")


def test_every_intent_of_the_domain_has_examples(examples: list[tuple[str, str]]) -> None:
    intents = {intent for _, intent in examples}
    own = {"nlu_fallback", "back", "restart", "session_start"}
    assert set(Domain.load(str(FOLDER / "domain")).intents) - own == intents


@pytest.mark.parametrize(("language", "least"), [("zh", 60), ("en", 40)])
def test_business_intents_have_examples_enough(language: str, least: int) -> None:
    counts = Counter(intent for _, intent in _examples(language))
    assert {intent: counts[intent] for intent in BUSINESS if counts[intent] < least} == {}


def test_out_of_scope_is_varied(examples: list[tuple[str, str]]) -> None:
    assert len({masked(text) for text, intent in examples if intent == "out_of_scope"}) >= 300


def test_at_most_three_examples_share_a_pattern(examples: list[tuple[str, str]]) -> None:
    patterns = Counter((intent, masked(text)) for text, intent in examples)
    assert {pattern: count for pattern, count in patterns.items() if count > 3} == {}


def test_no_sentence_means_two_things(examples: list[tuple[str, str]]) -> None:
    meanings = defaultdict(set)
    for text, intent in examples:
        meanings[masked(text)].add(intent)
    assert {text: found for text, found in meanings.items() if len(found) > 1 and said(text)} == {}


def _heard() -> list[str]:
    """Return every sentence that the bot is judged by: the fixed split, the probes and the conversations."""
    split = [text for language in ("zh", "en") for text, _ in read_split(language)]
    split += [text for text, _ in read_probes()] + said_in_dialogues()
    return split + [text for text in said_in_conversations() if not text.startswith("/")]


def test_nothing_that_judges_the_bot_is_in_the_training_data(examples: list[tuple[str, str]]) -> None:
    """Nor nearly so. Short phrases and bare numbers, which there are few ways to say, are left out of it."""
    judged = [one for one in map(masked, _heard()) if len(said(one)) > 6]
    trained = [text for text, _ in examples if len(said(masked(text))) > 6]
    counts = CountVectorizer(analyzer="char", ngram_range=(1, 2)).fit(judged)
    likeness = cosine_similarity(counts.transform(map(masked, trained)), counts.transform(judged)).max(axis=1)
    near = [text for text, alike in zip(trained, likeness, strict=False) if alike > 0.8]
    assert [text for text in near if any(is_alike(masked(text), other) for other in judged)] == []


def test_rasa_finds_nothing_wrong_with_the_data() -> None:
    from rasa.shared.importers.importer import TrainingDataImporter
    from rasa.validator import Validator

    importer = TrainingDataImporter.load_from_config(
        str(FOLDER / "config.yml"), str(FOLDER / "domain"), [str(FOLDER / "data")]
    )
    validator = Validator.from_importer(importer)
    assert validator.verify_domain_validity()
    assert validator.verify_nlu(ignore_warnings=False)
    assert validator.verify_story_structure(ignore_warnings=False)
    assert validator.verify_forms_in_stories_rules()
    assert validator.verify_actions_in_stories_rules()


def test_every_response_has_both_languages() -> None:
    responses = Domain.load(str(FOLDER / "domain")).responses
    assert {
        name for name, said in responses.items() if {one["metadata"] for one in said} != {"zh", "en"}
    } == set()


def test_every_word_that_actions_say_is_in_the_domain() -> None:
    responses = set(Domain.load(str(FOLDER / "domain")).responses)
    code = "".join(path.read_text("utf-8") for path in (FOLDER.parent / "actions").glob("*.py"))
    named = set(re.findall(r"[\"'](utter_[a-z_0-9]+)[\"']", code)) - {"utter_action"}
    assert named - responses == set()
