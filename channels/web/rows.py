"""Rows of the database as entries of the chat: their buttons, cards and files."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.conversations.models import (
    InboundMedia,
    InboundMessage,
    Interaction,
    OfferedChoice,
    OutboundMessage,
)
from backend.core.language import Language, localise
from channels.web.said import Choices, Handed, Said, card


async def files_of(session: AsyncSession, inbound_ids: Sequence[int]) -> dict[int, list[Handed]]:
    """The files of these messages."""
    found: dict[int, list[Handed]] = {}
    query = select(InboundMedia).where(InboundMedia.inbound_id.in_(inbound_ids))
    for row in await session.scalars(query.order_by(InboundMedia.inbound_id, InboundMedia.position)):
        address = f"/channels/web/uploads/{row.id}"
        handed = Handed(row.id, row.file_name or "", row.content_type or "", row.size, row.state, address)
        found.setdefault(row.inbound_id, []).append(handed)
    return found


async def choices_of(session: AsyncSession, outbounds: Sequence[OutboundMessage]) -> dict[int, Choices]:
    """The buttons offered with these messages, in order."""
    found: dict[int, Choices] = {}
    if not outbounds:
        return found
    languages = {outbound.id: cast(Language, outbound.language) for outbound in outbounds}
    offered = await session.scalars(
        select(OfferedChoice)
        .where(OfferedChoice.outbound_id.in_(languages))
        .order_by(OfferedChoice.outbound_id, OfferedChoice.position)
    )
    for choice in offered:
        title = localise(choice.title, languages[choice.outbound_id])
        found.setdefault(choice.outbound_id, []).append((choice.token, title))
    return found


def said(outbound: OutboundMessage, agent: str | None, text: str, choices: dict[int, Choices]) -> Said:
    """What we said."""
    language = cast(Language, outbound.language)
    offered = choices.get(outbound.id, [])
    cards, own = _cards(outbound.payload, language, offered)
    return Said(
        id=str(outbound.id),
        direction="out",
        text=localise(text, language),
        at=outbound.created_at,
        kind=outbound.kind,
        speaker=outbound.payload.get("speaker", "bot"),
        agent=agent,
        language=language,
        state=outbound.state,
        choices=own,
        cards=cards,
        media=_sent_files(outbound),
    )


def _sent_files(outbound: OutboundMessage) -> list[Handed]:
    """The file that an agent sent with it."""
    if not (file := outbound.payload.get("file")):
        return []
    address = f"/channels/web/files/{outbound.id}"
    return [Handed(outbound.id, file["file_name"], file["content_type"], file["size"], "stored", address)]


def _cards(
    payload: dict[str, Any], language: Language, offered: Choices
) -> tuple[list[dict[str, Any]], Choices]:
    """The reply's cards, its link among them, and the choices that stand under none of them.

    The buttons of cards follow the reply's own in the order offered; a card says how many are its.
    """
    details: list[dict[str, Any]] = [*payload.get("cards", [])]
    if link := payload.get("link"):
        details.append(link)
    first = len(offered) - sum(int(one.get("buttons", 0)) for one in details)
    own, cards = offered[: max(first, 0)], []
    for one in details:
        last = first + int(one.get("buttons", 0))
        cards.append(card(_localised(one, language), offered[first:last] if first >= 0 else []))
        first = last
    return cards, own


def _localised(value: Any, language: Language) -> Any:
    """The same with every text but addresses in the customer's script."""
    if isinstance(value, dict):
        return {
            name: item if name in ("url", "kind") else _localised(item, language)
            for name, item in value.items()
        }
    if isinstance(value, list):
        return [_localised(item, language) for item in value]
    return localise(value, language) if isinstance(value, str) else value


def heard(
    interaction: Interaction, inbound: InboundMessage | None, read_seq: int, files: dict[int, list[Handed]]
) -> Said:
    """What the customer said; agents have read up to `read_seq`."""
    seq = inbound.seq if inbound else None
    return Said(
        id=inbound.external_id if inbound else f"record-{interaction.id}",
        direction="in",
        text=interaction.text,
        at=interaction.occurred_at,
        type=interaction.details.get("type", "text"),
        language=interaction.language,
        state="read" if seq is not None and seq <= read_seq else "sent",
        seq=seq,
        media=files.get(inbound.id, []) if inbound else [],
    )
