"""A stored message as its channel's sender gets it: in the customer's script, with its choices, link and way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, cast

from sqlalchemy import bindparam, select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.conversations import allowances
from backend.conversations.models import TEMPLATE, Lane, OfferedChoice, OutboundMessage
from backend.conversations.verification import CODE_PURPOSE
from backend.core import business
from backend.core.crypto import Vault
from backend.core.language import Language, localise
from channels.answers import file_links, links
from channels.sending import Choice, Outgoing, Picture, Template
from channels.sms.parse import MAINLAND

REPLY_WAITING = "reply_waiting"
# A shorter one fits into an SMS whatever its characters.
MAY_BE_SHORTENED = 200


@dataclass(frozen=True)
class Ways:
    """What the choice of a way depends on beside the database.

    `base_url`: where customers reach us. `fetched`: channels whose platform fetches messages (WeChat's passive mode).
    `sms_account`: None without SMS.
    """

    vault: Vault
    base_url: str = ""
    fetched: frozenset[str] = frozenset()
    sms_account: str | None = None


def template_name(outbound: OutboundMessage) -> str:
    """What a registered wording that may stand for this message is called in our settings."""
    notice = outbound.payload.get("notice") or {}
    return str(notice.get("template") or REPLY_WAITING)


def needs_registered_wording(outbound: OutboundMessage) -> bool:
    """Whether it is an SMS to mainland China, where only registered wordings pass; a code is one."""
    return (
        outbound.channel == "sms" and outbound.lane != Lane.CODE and outbound.recipient.startswith(MAINLAND)
    )


async def registered_wording(session: AsyncSession, outbound: OutboundMessage) -> str | None:
    """The wording registered for it with its values filled in; None when there is none."""
    wordings = (await business.setting(session, "sms_templates_cn")).get(template_name(outbound)) or {}
    pattern = wordings.get("zh")
    if not pattern or not (outbound.payload.get("notice") or {}).get("template"):
        return None
    return Template("", {"text": pattern}, _values(outbound)).filled()["text"]


async def ready(
    session: AsyncSession,
    ways: Ways,
    outbound: OutboundMessage,
    choices: Sequence[OfferedChoice] | None = None,
) -> Outgoing:
    """`outbound`, and what it carries, as the sender gets it. `choices` are its own, if the caller knows them."""
    message = await _alone(session, ways, outbound, choices)
    if outbound.parts_sent:
        message = replace(
            message, part=outbound.parts_sent, client_id=f"anda-{outbound.id}-{outbound.parts_sent}"
        )
    if outbound.channel not in allowances.COUNTED:  # nothing else is merged
        return message
    carried = await session.scalars(
        select(OutboundMessage).where(OutboundMessage.carried_by == outbound.id).order_by(OutboundMessage.id)
    )
    return replace(message, carried=tuple([await _alone(session, ways, row) for row in carried]))


async def _alone(
    session: AsyncSession,
    ways: Ways,
    outbound: OutboundMessage,
    choices: Sequence[OfferedChoice] | None = None,
) -> Outgoing:
    language = cast(Language, outbound.language)
    text = ways.vault.open(outbound.sealed_text, CODE_PURPOSE) if outbound.sealed_text else outbound.text
    message = Outgoing(
        id=outbound.id,
        channel=outbound.channel,
        account=outbound.account,
        recipient=outbound.recipient,
        lane=outbound.lane,
        kind=outbound.kind,
        text=localise(text, language),
        language=language,
        speaker=outbound.payload.get("speaker", "bot"),
        created_at=outbound.created_at,
        client_id=f"anda-{outbound.id}",
        link=_link(outbound.payload.get("link"), language, ways.base_url),
        answers=outbound.inbound_id,
        image=_picture(outbound.payload.get("image")),
        file=_file(ways, outbound),
    )
    if needs_registered_wording(outbound):
        return replace(message, text=await registered_wording(session, outbound) or "", link=None, file=None)
    if choices is None:
        choices = (await session.scalars(OFFERED, {"outbound_id": outbound.id})).all()
    offered = [Choice(one.token, localise(one.title, language), one.position) for one in choices]
    message = replace(message, choices=offered)
    if outbound.via == TEMPLATE:
        message = replace(message, template=await wechat_template(session, outbound))
    elif outbound.channel == "sms" and len(text) > MAY_BE_SHORTENED:
        message = replace(message, more=await links.path_to(session, ways.vault, outbound.id))
    return message


async def wechat_template(session: AsyncSession, outbound: OutboundMessage) -> Template | None:
    """The template message set up to say this outside the allowance; None when there is none."""
    known = (await business.setting(session, "wechat_templates")).get(template_name(outbound))
    if not known or not known.get("template_id"):
        return None
    return Template(str(known["template_id"]), dict(known.get("fields") or {}), _values(outbound))


def _values(outbound: OutboundMessage) -> dict[str, str]:
    notice = outbound.payload.get("notice") or {}
    values = {name: str(value) for name, value in (notice.get("values") or {}).items()}
    return {"summary": outbound.text} | values


OFFERED = (
    select(OfferedChoice)
    .where(OfferedChoice.outbound_id == bindparam("outbound_id"))
    .order_by(OfferedChoice.position)
)


def _link(link: dict[str, Any] | None, language: Language, base_url: str) -> dict[str, Any] | None:
    """A link whose address is a path leads to a page of ours."""
    if not link:
        return None
    url = str(link.get("url", ""))
    absolute = f"{base_url}{url}" if url.startswith("/") else url
    return {**link, "title": localise(link.get("title") or "", language), "url": absolute}


def _file(ways: Ways, outbound: OutboundMessage) -> dict[str, Any] | None:
    """The page of the file that goes with it."""
    if not (file := outbound.payload.get("file")):
        return None
    path = file_links.path_to(ways.vault, outbound.id, outbound.created_at)
    return {"title": file["file_name"], "url": f"{ways.base_url}{path}"}


def _picture(image: dict[str, Any] | None) -> Picture | None:
    return Picture(str(image["name"]), str(image.get("content_type", ""))) if image else None
