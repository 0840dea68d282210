"""What the database holds, for assertions."""

from datetime import UTC, datetime

from sqlalchemy import select

from backend.conversations.models import (
    Contact,
    Conversation,
    InboundMedia,
    InboundMessage,
    OutboundMessage,
    OutboundState,
    SendAllowance,
)
from backend.core.db import Database
from backend.notices.models import Consent


async def inbound(database: Database) -> list[InboundMessage]:
    async with database.session() as session:
        return list(await session.scalars(select(InboundMessage).order_by(InboundMessage.id)))


async def contacts(database: Database) -> list[Contact]:
    async with database.session() as session:
        return list(await session.scalars(select(Contact).order_by(Contact.id)))


async def allowances(database: Database) -> list[tuple[str, int]]:
    async with database.session() as session:
        rows = await session.scalars(select(SendAllowance).order_by(SendAllowance.id))
        return [(row.reason, row.allowed) for row in rows]


async def media(database: Database) -> list[InboundMedia]:
    async with database.session() as session:
        return list(await session.scalars(select(InboundMedia).order_by(InboundMedia.id)))


async def consents(database: Database) -> list[tuple[bool, str]]:
    async with database.session() as session:
        rows = await session.scalars(select(Consent).order_by(Consent.id))
        return [(row.given, row.source) for row in rows]


async def sent_message(
    database: Database, channel: str, account: str, recipient: str, platform_id: str | None
) -> int:
    """A message of ours that the platform took under `platform_id`; gives its id."""
    now = datetime.now(UTC)
    async with database.session.begin() as session:
        contact = Contact(channel=channel, account=account, external_id=recipient, created_at=now)
        session.add(contact)
        await session.flush()
        conversation = Conversation(contact_id=contact.id, language="en", created_at=now)
        session.add(conversation)
        await session.flush()
        message = OutboundMessage(
            conversation_id=conversation.id, channel=channel, account=account, recipient=recipient, language="en",
            text="Hello", payload={}, state=OutboundState.SENT, platform_id=platform_id, created_at=now,
        )  # fmt: skip
        session.add(message)
        await session.flush()
        return message.id


async def outbound(database: Database, message_id: int) -> OutboundMessage:
    async with database.session() as session:
        return await session.get_one(OutboundMessage, message_id)
