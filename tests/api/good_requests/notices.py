"""Notices, templates, segments, campaigns and surges."""

from __future__ import annotations

from typing import Any

from tests.api.good_requests.world import Ask, World, bare, good, some

bare("GET /api/v1/notices", "GET /api/v1/notice-templates", "GET /api/v1/segments", "GET /api/v1/campaigns")
bare("GET /api/v1/segments/choices", "GET /api/v1/surges")
NOBODY = {"include": {"tags": ["无人有此标签"]}}


def planned(world: World) -> dict[str, Any]:
    """A notice that is not sent yet, its customer having been told of nothing else."""
    number = world.sql("SELECT id FROM notices WHERE state = 'planned' ORDER BY random() LIMIT 1")
    return {"notice_id": number}


@good("GET /api/v1/notices/{notice_id}")
def read(world: World, role: str) -> Ask:
    return Ask(planned(world))


@good("POST /api/v1/notices/{notice_id}/cancel")
def cancel(world: World, role: str) -> Ask:
    return Ask(planned(world))


@good("GET /api/v1/notice-templates/{name}")
def read_template(world: World, role: str) -> Ask:
    return Ask({"name": "campaign_checkup"})


WORDING = dict.fromkeys(("zh", "en", "zh_discreet", "en_discreet"), "安答：年底保障体检。")


def added(world: World, role: str) -> Ask:
    body = {"title": {"zh": "体检", "en": "Checkup"}, "wording": WORDING, "version": 0}
    return Ask({"name": some("own_")}, body)


good("PUT /api/v1/notice-templates/{name}")(added)


@good("DELETE /api/v1/notice-templates/{name}")
def reset_template(world: World, role: str) -> Ask:
    known = world.do("admin", "GET /api/v1/notice-templates/{name}", name="campaign_checkup")
    wording = {name: known[name] for name in WORDING}
    body = {"title": known["title"], "wording": wording, "version": known["version"]}
    world.do("admin", "PUT /api/v1/notice-templates/{name}", json=body, name="campaign_checkup")
    return Ask({"name": "campaign_checkup"})


@good("POST /api/v1/notice-templates/{name}/preview")
def preview_template(world: World, role: str) -> Ask:
    return Ask({"name": "campaign_checkup"}, {"wording": WORDING})


def segment(world: World) -> dict[str, Any]:
    made: dict[str, Any] = world.do("admin", "POST /api/v1/segments", json=described())
    return made


def described() -> dict[str, Any]:
    return {"name": some("客户群"), "filter": NOBODY}


@good("POST /api/v1/segments")
def add_segment(world: World, role: str) -> Ask:
    return Ask(json=described())


@good("POST /api/v1/segments/preview")
def preview_segment(world: World, role: str) -> Ask:
    return Ask(json={"filter": {"include": {"regions": ["上海"]}}})


@good("GET /api/v1/segments/{segment_id}")
def read_segment(world: World, role: str) -> Ask:
    return Ask({"segment_id": segment(world)["id"]})


@good("GET /api/v1/segments/{segment_id}/customers")
def members(world: World, role: str) -> Ask:
    return Ask({"segment_id": segment(world)["id"]})


@good("PUT /api/v1/segments/{segment_id}")
def change_segment(world: World, role: str) -> Ask:
    made = segment(world)
    return Ask({"segment_id": made["id"]}, described() | {"version": made["version"]})


@good("DELETE /api/v1/segments/{segment_id}")
def archive_segment(world: World, role: str) -> Ask:
    return Ask({"segment_id": segment(world)["id"]})


def campaign() -> dict[str, Any]:
    return {"title": some("体检"), "template": "campaign_checkup", "filter": NOBODY}


def drafted(world: World) -> dict[str, Any]:
    made: dict[str, Any] = world.do("admin", "POST /api/v1/campaigns", json=campaign())
    return made


def tried(world: World, made: dict[str, Any]) -> dict[str, Any]:
    """The campaign after its dry run, ready to start."""
    fill = {"campaign_id": made["id"]}
    world.do("admin", "POST /api/v1/campaigns/{campaign_id}/dry-run", **fill)
    ready: dict[str, Any] = world.do("admin", "GET /api/v1/campaigns/{campaign_id}", **fill)
    return ready


@good("POST /api/v1/campaigns")
def add_campaign(world: World, role: str) -> Ask:
    return Ask(json=campaign())


def any_campaign(world: World, role: str) -> Ask:
    return Ask({"campaign_id": drafted(world)["id"]})


good("GET /api/v1/campaigns/{campaign_id}")(any_campaign)
good("GET /api/v1/campaigns/{campaign_id}/audience")(any_campaign)
good("POST /api/v1/campaigns/{campaign_id}/dry-run")(any_campaign)


@good("PUT /api/v1/campaigns/{campaign_id}")
def change_campaign(world: World, role: str) -> Ask:
    made = drafted(world)
    return Ask({"campaign_id": made["id"]}, campaign() | {"version": made["version"]})


@good("POST /api/v1/campaigns/{campaign_id}/start")
def start(world: World, role: str) -> Ask:
    ready = tried(world, drafted(world))
    return Ask({"campaign_id": ready["id"]}, {"version": ready["version"]})


def started(world: World, made: dict[str, Any]) -> dict[str, Any]:
    ready = tried(world, made)
    begun: dict[str, Any] = world.do(
        "admin", "POST /api/v1/campaigns/{campaign_id}/start",
        json={"version": ready["version"]}, campaign_id=ready["id"],
    )  # fmt: skip
    return begun


@good("POST /api/v1/campaigns/{campaign_id}/stop")
def stop(world: World, role: str) -> Ask:
    return Ask({"campaign_id": started(world, drafted(world))["id"]})


def catastrophe() -> dict[str, Any]:
    return {"title": "台风“演示”登陆", "areas": [some("无人区")]}


@good("POST /api/v1/catastrophes")
def warn(world: World, role: str) -> Ask:
    return Ask(json=catastrophe())


@good("POST /api/v1/surges/{surge_id}/close")
def close_surge(world: World, role: str) -> Ask:
    made = world.do("admin", "POST /api/v1/catastrophes", json=catastrophe())
    return Ask({"surge_id": started(world, made)["surge"]["id"]})
