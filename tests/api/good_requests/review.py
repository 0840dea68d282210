"""The review list: looking, labelling, putting aside, exporting."""

from __future__ import annotations

from typing import Any

from tests.api.good_requests.world import Ask, World, bare, good

ITEM = "/api/v1/review/items/{item_id}"
EXPORT = "/api/v1/review/exports/{export_id}/file"
bare("GET /api/v1/review/items", "GET /api/v1/review/counts", "GET /api/v1/review/vocabulary")
bare("GET /api/v1/review/exports")
NOTE = (
    "INSERT INTO review_items (inbound_id, channel, language, text, entities, pattern, guesses, reasons, said_at,"
    " state, version) VALUES (%s, 'sms', 'zh-Hans', '那个弄完没', '[]', '那个弄完没', '[]', '[\"unsure\"]', now(),"
    " 'open', 1) RETURNING id"
)
LABEL: dict[str, Any] = {"version": 1, "intent": "query_claim"}


def noted(world: World) -> dict[str, Any]:
    """What fills the path to a new open item."""
    return {"item_id": world.sql(NOTE, world.says("那个弄完没").message_id)}


def labelled(world: World) -> dict[str, Any]:
    fill = noted(world)
    world.do("admin", f"POST {ITEM}/label", json=LABEL, **fill)
    return fill


@good(f"GET {ITEM}")
def read(world: World, role: str) -> Ask:
    return Ask(noted(world))


@good(f"POST {ITEM}/label")
def label(world: World, role: str) -> Ask:
    return Ask(noted(world), LABEL)


@good(f"POST {ITEM}/skip")
def skip(world: World, role: str) -> Ask:
    return Ask(noted(world), {"version": 1})


@good(f"POST {ITEM}/undo")
def undo(world: World, role: str) -> Ask:
    return Ask(labelled(world), {"version": 2})


@good("POST /api/v1/review/skip")
def skip_several(world: World, role: str) -> Ask:
    return Ask(json={"ids": [noted(world)["item_id"]]})


@good("POST /api/v1/review/exports")
def export(world: World, role: str) -> Ask:
    labelled(world)
    return Ask()


@good(f"GET {EXPORT}")
def download(world: World, role: str) -> Ask:
    labelled(world)
    return Ask({"export_id": world.do("admin", "POST /api/v1/review/exports")["id"]})
