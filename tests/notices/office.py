"""What tests of notices do: people on channels, the worker's beats, and a platform that does as told."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from sqlalchemy import select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from backend.conversations import bindings, leases
from backend.conversations.models import Contact, Conversation, InboundMessage, OutboundMessage, OutboundState
from backend.core.business import BusinessSetting
from backend.core.crypto import Vault
from backend.core.db import Database
from backend.core.settings import Settings
from backend.customers.models import Customer
from backend.notices.jobs import NoticeWork
from backend.notices.models import Notice, NoticeDelivery
from channels.outbox import Outbox
from channels.ready import Ways
from channels.sending import Outgoing, SendRejected, Sent
from tests.factories import customer_says, make_customer


@dataclass
class Platform:
    """Every channel's sender: takes what comes, but on the channels in `broken`."""

    repeats_when_unknown: bool = True
    received: list[Outgoing] = field(default_factory=list)
    broken: dict[str, str] = field(default_factory=dict)

    async def send(self, message: Outgoing) -> Sent:
        if message.channel in self.broken:
            raise SendRejected(self.broken[message.channel])
        self.received.append(message)
        return Sent(f"p{message.id}", 1)

    async def look_up(self, message: Outgoing) -> Sent | None:
        return None

    def said(self) -> list[tuple[str, str]]:
        return [(message.channel, message.text) for message in self.received]


@dataclass
class Office:
    settings: Settings
    database: Database
    session: AsyncSession
    vault: Vault
    work: NoticeWork
    platform: Platform

    async def customer(self, number: int = 1, **values: Any) -> Customer:
        """A customer with a phone outside China; numbers make several."""
        defaults = {"phone": f"+1212555{100 + number:04d}", "id_number": f"9999991990010112{number:02d}"}
        return await make_customer(self.session, self.vault, **(defaults | values))

    async def proved_on(self, customer: Customer, channel: str, sender: str | None = None) -> Contact:
        """The customer wrote on a channel and proved who they are."""
        accounts = {"wechat": self.settings.wechat.app_id, "sms": self.settings.twilio.account, "web": "web"}
        sender = sender or (customer.phone if channel == "sms" else f"{channel}-{customer.id}") or ""
        sends = ("message", 5, timedelta(hours=48)) if channel == "wechat" else None
        receipt = await customer_says(
            self.session,
            self.vault,
            "你好",
            channel=channel,
            account=accounts[channel],
            sender=sender,
            allowance=sends,
        )
        message = await self.session.get_one(InboundMessage, receipt.inbound_id)
        contact = await self.session.get_one(Contact, message.contact_id)
        await bindings.bind(self.session, contact, customer.id)
        await self.session.commit()
        return contact

    async def rule(self, key: str, value: Any) -> None:
        """Change a business setting."""
        await self.session.merge(BusinessSetting(key=key, value={"value": value}))
        await self.session.commit()

    async def beat(self, rounds: int = 1) -> None:
        """What the worker does: send what is planned, let it leave, follow what became of it."""
        for _ in range(rounds):
            await self.work.send()
            await self.leave()
            await self.work.follow()

    async def leave(self) -> None:
        """The outbox sends everything that it may."""
        senders = {"sms": self.platform, "wechat": self.platform, "web": self.platform}
        outbox = Outbox(self.database, self.work.client, Ways(self.vault), senders)
        async with self.database.session.begin() as session:
            await session.execute(
                update(OutboundMessage)
                .where(OutboundMessage.state == OutboundState.QUEUED)
                .values(due_at=text("now() - interval '1 second'"))
            )
            await session.execute(
                update(Conversation)
                .where(Conversation.outbox_due_at.is_not(None))
                .values(outbox_due_at=text("now()"))
            )
        async with self.database.session.begin() as session:
            taken = await leases.take(session, "outbox", 100)
        await asyncio.gather(*(outbox.serve(lease) for lease in taken))

    async def notices(self) -> list[Notice]:
        async with self.database.session() as session:
            return list(await session.scalars(select(Notice).order_by(Notice.id)))

    async def states(self) -> list[tuple[str, str, str | None]]:
        return [(notice.kind, notice.state, notice.reason) for notice in await self.notices()]

    async def channels(self) -> list[tuple[str, str | None, str | None]]:
        """Every channel that was considered: why it was chosen, why it failed."""
        async with self.database.session() as session:
            rows = await session.scalars(select(NoticeDelivery).order_by(NoticeDelivery.id))
            return [(row.channel, row.chosen_because, row.failed_because) for row in rows]
