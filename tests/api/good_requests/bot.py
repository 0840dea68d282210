"""What the bot asks and does for the contact whose stored message it names; and the web chat's files."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from tests.api.good_requests.claims import WHOLE, picture
from tests.api.good_requests.desk import TICKET, opened, sheet
from tests.api.good_requests.insured import Insured, declined, insured, reported
from tests.api.good_requests.world import Ask, Said, World, good

BOT = "/api/v1/bot"


def proved(world: World, product: str = "auto") -> tuple[Insured, Said]:
    """A customer who has just proved who they are."""
    holder = insured(world, product)
    return holder, world.says(customer_id=holder.customer_id)


def asks(world: World, role: str) -> Ask:
    return Ask(headers=proved(world)[1].headers)


for path in ("beneficiaries", "changes", "claims", "consents", "me", "policies", "premiums", "tickets"):
    good(f"GET {BOT}/{path}")(asks)


def says_and(json: dict[str, Any]) -> Any:
    """A builder: a proved customer's message, and this body."""
    return lambda world, role: Ask(json=json, headers=proved(world)[1].headers)


CODE = {"code": "000000"}
good(f"POST {BOT}/consents")(says_and({"purpose": "marketing", "given": True}))
good(f"POST {BOT}/knowledge-questions")(
    says_and({"is_answered": True, "article": "grace-period", "score": 0.9})
)
good(f"POST {BOT}/tasks")(says_and({"kind": "quote", "summary": "三口之家医疗险报价"}))
good(f"POST {BOT}/tickets")(says_and({"kind": "inquiry", "summary": "客户要找人"}))
good(f"POST {BOT}/verification")(says_and({"phone": "14200000101", "id_last4": "1280"}))
good(f"POST {BOT}/verification/code")(says_and(CODE))
good(f"POST {BOT}/changes")(
    says_and({"kind": "contact", "details": {"field": "address", "value": "北京市演示路 9 号"}})
)


@good(f"GET {BOT}/policies/{{number}}")
def policy(world: World, role: str) -> Ask:
    holder, said = proved(world)
    return Ask({"number": holder.policy}, headers=said.headers)


@good(f"GET {BOT}/surrender")
def surrender(world: World, role: str) -> Ask:
    holder, said = proved(world, "life")
    return Ask(params={"policy_number": holder.policy}, headers=said.headers)


@good(f"GET {BOT}/claims/{{number}}")
def claim(world: World, role: str) -> Ask:
    holder, said = proved(world)
    return Ask({"number": reported(world, holder)}, headers=said.headers)


@good(f"POST {BOT}/claims/{{number}}/disputes")
def dispute(world: World, role: str) -> Ask:
    holder, said = proved(world)
    return Ask({"number": declined(world, holder)}, {"reason": "我不同意"}, headers=said.headers)


@good(f"GET {BOT}/tickets/{{number}}")
def ticket(world: World, role: str) -> Ask:
    said = proved(world)[1]
    return Ask({"number": opened(world, said=said)}, headers=said.headers)


def drafted(world: World, role: str) -> Ask:
    """The message of a customer with a draft that lacks nothing."""
    holder, said = proved(world)
    ask = Ask(json=WHOLE | {"policy_number": holder.policy}, headers=said.headers)
    world.ask("service", f"PATCH {BOT}/claims/draft", ask)
    return Ask(headers=said.headers)


good(f"GET {BOT}/claims/draft")(drafted)
good(f"GET {BOT}/claims/materials")(drafted)
good(f"DELETE {BOT}/claims/draft")(drafted)
good(f"PATCH {BOT}/claims/draft")(says_and({"type": "auto_damage"}))
good(f"POST {BOT}/claims/draft/confirm")(lambda world, role: replace(drafted(world, role), json={}))


@good(f"GET {BOT}/documents/{{document_id}}")
def document(world: World, role: str) -> Ask:
    media = world.sent_picture(picture(), insured(world).customer_id)
    return Ask({"document_id": media.id}, headers=media.said.headers)


@good(f"POST {BOT}/documents/{{document_id}}/attach")
def attach(world: World, role: str) -> Ask:
    holder = insured(world)
    number = reported(world, holder)
    media = world.sent_picture(picture(), holder.customer_id)
    body = {"claim_number": number, "code": "repair_invoice"}
    return Ask({"document_id": media.id}, body, headers=media.said.headers)


@good("POST /channels/web/uploads")
def hand_in(world: World, role: str) -> Ask:
    return world.web_upload(picture())[0]


@good("GET /channels/web/uploads/{media_id}")
def show(world: World, role: str) -> Ask:
    media = world.sent_picture(picture(), insured(world).customer_id)
    return Ask({"media_id": media.id}, headers=media.session)


@good("GET /channels/web/files/{outbound_id}")
def show_sent(world: World, role: str) -> Ask:
    media = world.sent_picture(picture(), insured(world).customer_id)
    fill = {"number": opened(world, said=media.said)}
    world.do("admin", f"POST {TICKET}/accept", json={}, **fill)
    sent = world.ask("admin", f"POST {TICKET}/files", Ask(fill, files=sheet()))["outbound_id"]
    world.sql("UPDATE outbound_messages SET state = 'sent' WHERE id = %s", sent)
    return Ask({"outbound_id": sent}, headers=media.session)
