"""Wording can be changed, not so that it tells too much or cannot be filled."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from backend.core.errors import Invalid
from backend.notices import templates
from backend.notices.catalogue import DISCREET, catalogue
from tests.notices.office import Office
from tests.notices.people import as_supervisor

WORDS = {
    "zh": "{salutation}，{claim_number} 有进展：{stage}",
    "en": "{salutation}, {claim_number}: {stage}",
    "zh_discreet": "{salutation}，{claim_number}：{stage}",
    "en_discreet": "{salutation}, {claim_number}: {stage}",
}
TITLE = {"zh": "进度", "en": "Progress"}


def change(version: int = 0, **words: str) -> dict[str, Any]:
    return {"title": TITLE, "wording": WORDS | words, "version": version}


def test_every_built_in_wording_keeps_its_own_rules() -> None:
    for name, template in catalogue().templates.items():
        templates.check(template, template.variables)
        for language in ("zh-Hans", "zh-Hant", "en"):
            for is_discreet in (False, True):
                assert "{" not in templates.example(template, language, is_discreet), name  # type: ignore[arg-type]


def test_discreet_texts_know_no_amount_list_or_policy() -> None:
    assert not DISCREET & {"amount", "documents", "policy_number", "due_date", "product"}


@pytest.mark.parametrize(
    "text", ["{salutation.x}", "{0}", "{salutation!r}", "{salutation:>9}", "{", "{amount}"]
)
def test_what_a_placeholder_must_not_be(text: str) -> None:
    template = catalogue().templates["claim_stage"]
    wording = template.model_copy(update={"zh": text})
    with pytest.raises(Invalid):
        templates.check(wording, template.variables)


async def test_changed_wording_is_used_and_can_be_taken_back(
    office: Office, service: httpx.AsyncClient
) -> None:
    supervisor = await as_supervisor(office, service)
    url = "/api/v1/notice-templates/claim_stage"
    changed = await supervisor.put(url, json=change())
    assert (changed.status_code, changed.json()["version"]) == (200, 1)
    assert (await supervisor.get(url)).json()["zh"] == WORDS["zh"]
    stale = await supervisor.put(url, json=change())
    assert (stale.status_code, stale.json()["code"]) == (409, "version_conflict")
    back = await supervisor.delete(url)
    assert (back.json()["version"], back.json()["zh"]) == (0, catalogue().templates["claim_stage"].zh)


async def test_a_discreet_text_with_an_amount_is_refused(office: Office, service: httpx.AsyncClient) -> None:
    supervisor = await as_supervisor(office, service)
    body = change(zh_discreet="{salutation} {product}")
    answer = await supervisor.put("/api/v1/notice-templates/claim_stage", json=body)
    assert (answer.status_code, answer.json()["code"], answer.json()["field"]) == (
        422,
        "invalid",
        "zh_discreet",
    )


async def test_people_add_templates_for_campaigns(office: Office, service: httpx.AsyncClient) -> None:
    supervisor = await as_supervisor(office, service)
    words = dict.fromkeys(WORDS, "{salutation}！")
    added = await supervisor.put(
        "/api/v1/notice-templates/spring_offer", json={"title": TITLE, "wording": words, "version": 0}
    )
    assert (added.json()["purpose"], added.json()["is_own"]) == ("marketing", True)
    names = [one["name"] for one in (await supervisor.get("/api/v1/notice-templates")).json()["items"]]
    assert names[-1] == "spring_offer"


async def test_a_preview_reads_in_both_languages_and_scripts(
    office: Office, service: httpx.AsyncClient
) -> None:
    answer = await service.post("/api/v1/notice-templates/claim_stage/preview", json={"wording": WORDS})
    texts = {(one["language"], one["is_discreet"]): one["text"] for one in answer.json()["items"]}
    assert texts["zh-Hant", False] == "王女士，C2026000101 有進展：審核中"
    assert texts["en", True] == "Ms Wang, C2026000101: under review"
