"""Labelling over the API, and the training data of it."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from backend.core.settings import Settings
from backend.review.models import ReviewItem
from tests.callers import once
from tests.conftest import ROOT
from tests.hiring import AtDesk, Hire
from tests.review.conftest import Look, Talk

EXPORT = (ROOT / "tests" / "contracts" / "review_export.yml").read_text("utf-8")


@pytest.fixture
async def supervisor(hire: Hire) -> AtDesk:
    return await hire(role="supervisor", name="周敏")


@pytest.fixture
async def listed(talk: Talk, look: Look) -> dict[str, ReviewItem]:
    """What the contract's export is made of, and a little more."""
    await talk("C2024000001 弄完没", "query_ticket", 0.4)
    await talk("c2025-000777弄完没?", "query_ticket", 0.4)
    await talk("都两星期咯，赔没赔", "query_claim", 0.5, by="+12125550144")
    await talk("so C2024000001 is doing what exactly", "query_ticket", 0.4, by="+12125550145")
    await talk("do you sell cat food or what", "request_quote", 0.6, by="+12125550146")
    text = '改成[周小明](person)吧: - "好" # 的'
    await talk(
        text, "change_beneficiary", 0.6, by="+12125550147", entities=[{"entity": "person", "value": "周小明"}]
    )
    return await look()


async def label(desk: AtDesk, item: ReviewItem, intent: str, status: int = 200, **more: Any) -> Any:
    body = {"version": item.version, "intent": intent, "entities": item.entities} | more
    return await desk.post(f"/review/items/{item.id}/label", body, status)


async def export(desk: AtDesk, key: str, status: int = 201) -> Any:
    answer = await desk.browser.post("/api/v1/review/exports", json={}, headers=once(key))
    assert answer.status_code == status, answer.text
    return answer.json()


async def test_labels_become_training_data_each_once(
    supervisor: AtDesk, listed: dict[str, ReviewItem], settings: Settings
) -> None:
    first, again, late, english, outside, markup = listed.values()
    done = await label(supervisor, first, "query_claim", also_alike=True)
    assert (done["label"], done["also_labelled"], done["decided_by"]) == ("query_claim", 1, "周敏")
    await label(supervisor, late, "query_claim", text="都两星期咯，赔没赔")
    await label(supervisor, english, "query_claim")
    await label(supervisor, outside, "out_of_scope")
    await label(supervisor, markup, "change_beneficiary")
    assert (await supervisor.get("/review/counts"))["labelled"] == 6
    made = await export(supervisor, "one")
    assert made["examples"] == 6
    assert (settings.data_dir / "training" / made["file"]).read_text("utf-8") == EXPORT
    assert (await export(supervisor, "one"))["id"] == made["id"]
    assert (await export(supervisor, "two", status=409))["code"] == "nothing_to_export"
    downloaded = await supervisor.browser.get(f"/api/v1/review/exports/{made['id']}/file")
    assert (downloaded.text, downloaded.status_code) == (EXPORT, 200)
    assert [one["is_placed"] for one in (await supervisor.get("/review/exports"))["items"]] == [True]
    assert (await supervisor.get("/review/counts"))["exported"] == 6
    out = await supervisor.get(f"/review/items/{again.id}")
    assert out["exported_at"] is not None
    refused = await supervisor.post(f"/review/items/{again.id}/undo", {"version": out["version"]}, 409)
    assert refused["code"] == "already_exported"


async def test_one_item_comes_with_what_was_said_around_it(
    supervisor: AtDesk, listed: dict[str, ReviewItem]
) -> None:
    first = next(iter(listed.values()))
    item = await supervisor.get(f"/review/items/{first.id}")
    assert [(line["speaker"], line["text"], line["is_this"]) for line in item["context"]] == [
        ("customer", "C2000000000 弄完没", True),
        ("bot", "好的", False),
        ("customer", "C2000000000弄完没?", False),
        ("bot", "好的", False),
    ]
    assert (item["alike"], item["reasons"], item["entities"][0]["entity"]) == (1, ["unsure"], "claim_number")


async def test_skip_undo_and_skip_many(supervisor: AtDesk, listed: dict[str, ReviewItem]) -> None:
    first, *others = listed.values()
    skipped = await supervisor.post(f"/review/items/{first.id}/skip", {"version": 1})
    assert skipped["state"] == "skipped"
    late = await supervisor.post(f"/review/items/{first.id}/undo", {"version": 1}, 409)
    assert late["code"] == "version_conflict"
    opened = await supervisor.post(f"/review/items/{first.id}/undo", {"version": skipped["version"]})
    assert (opened["state"], opened["decided_by"]) == ("open", None)
    done = await supervisor.post("/review/skip", {"ids": [first.id, others[0].id, 999_999]})
    assert done["skipped"] == [first.id, others[0].id]
    assert (await supervisor.get("/review/counts"))["skipped"] == 2


async def test_the_list_narrows_and_pages(
    supervisor: AtDesk, listed: dict[str, ReviewItem], session: AsyncSession
) -> None:
    ids = [item.id for item in listed.values()]
    await session.execute(
        update(ReviewItem).where(ReviewItem.id == ids[0]).values(reasons=["corrected", "unsure"])
    )
    await session.commit()

    async def found(query: str) -> list[int]:
        return [item["id"] for item in (await supervisor.get(f"/review/items?{query}"))["items"]]

    assert await found("reason=corrected") == [ids[0]]
    assert await found("intent=query_claim") == [ids[2]]
    assert await found("language=en") == [ids[4], ids[3]]
    assert await found("channel=web") == []
    assert await found("state=labelled") == []
    page = await supervisor.get("/review/items?limit=4")
    rest = await supervisor.get(f"/review/items?limit=4&cursor={page['next']}")
    assert [item["id"] for item in page["items"] + rest["items"]] == ids[::-1]


async def test_what_the_bot_does_not_know_and_marks_beside_the_text_are_refused(
    supervisor: AtDesk, listed: dict[str, ReviewItem]
) -> None:
    item = listed["都两星期咯,赔没赔"]
    await label(supervisor, item, "dance", 422)
    for entity, start, end in (("shoe", 0, 2), ("date", 0, 99), ("date", 3, 3)):
        marks = [{"entity": entity, "start": start, "end": end}]
        await label(supervisor, item, "query_claim", 422, entities=marks)
    overlapping = [{"entity": "date", "start": 0, "end": 4}, {"entity": "date", "start": 3, "end": 5}]
    await label(supervisor, item, "query_claim", 422, entities=overlapping)
    known = await supervisor.get("/review/vocabulary")
    assert {"query_claim", "out_of_scope"} <= set(known["intents"])
    assert "nlu_fallback" not in known["intents"]
    done = await label(supervisor, item, "query_claim", text="都两星期咯，王电话13800138000")
    assert done["text"] == "都两星期咯,王电话00000000000"


async def test_who_may_not(hire: Hire) -> None:
    for role in ("agent", "auditor"):
        other = await hire(role=role)
        assert (await other.browser.get("/api/v1/review/items")).status_code == 403
        assert (await other.browser.post("/api/v1/review/skip", json={"ids": [1]})).status_code == 403
