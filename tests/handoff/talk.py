"""One customer's conversation with the bot and with agents, told line by line."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.conversations.identity import identity_of
from backend.conversations.intake import IncomingMessage, receive
from backend.conversations.models import Contact, Conversation, InboundMessage, Interaction, OutboundMessage
from backend.conversations.outgoing import Reply, queue_reply
from backend.core import clock
from backend.core.access import Agent
from backend.core.crypto import Vault
from backend.tickets import opening
from backend.tickets.models import Ticket, TicketKind

ZONE = ZoneInfo("Asia/Shanghai")


def channel_account(channel: str) -> str:
    return {"sms": "+15550100000", "wechat": "wx0123456789abcdef", "web": "web"}[channel]


def ago(minutes: float) -> datetime:
    """The moment so many minutes before now."""
    return clock.now() - timedelta(minutes=minutes)


class Talk:
    """One customer's conversation, told line by line, `minutes` ago."""

    def __init__(self, session: AsyncSession, vault: Vault, channel: str, sender: str) -> None:
        self.session, self.vault, self.channel, self.sender = session, vault, channel, sender
        self.conversation: Conversation
        self.contact: Contact
        self.lines = 0

    async def customer(
        self, minutes: float, text: str, intent: str | None = None, sure: float | None = None
    ) -> None:
        self.lines += 1
        message = IncomingMessage(
            channel=self.channel,
            account=channel_account(self.channel),
            sender=self.sender,
            external_id=f"{self.sender}-{self.lines}",
            text=text,
            received_at=ago(minutes),
        )
        receipt = await receive(self.session, self.vault, message)
        self.conversation = await self.session.get_one(Conversation, receipt.conversation_id)
        self.contact = await self.session.get_one(Contact, self.conversation.contact_id)
        inbound = await self.session.get_one(InboundMessage, receipt.inbound_id)
        inbound.state = "answered"
        said = await self._last()
        said.intent, said.confidence = intent, sure

    async def bot(
        self, minutes: float, text: str, buttons: list[str] | None = None, speaker: str = "bot"
    ) -> None:
        identity = await identity_of(self.session, self.contact)
        reply = Reply(text=text, speaker=speaker, buttons=[(title, "/x") for title in buttons or []])
        outbound = await queue_reply(self.session, self.conversation, self.contact, identity, reply)
        outbound.state = "read" if self.channel == "web" else "delivered"
        await self._date(minutes)

    async def agent(self, minutes: float, text: str, agent: Agent, state: str) -> OutboundMessage:
        identity = await identity_of(self.session, self.contact)
        reply = Reply(text=text, speaker="agent", agent_id=agent.id)
        outbound = await queue_reply(self.session, self.conversation, self.contact, identity, reply)
        outbound.state = state
        await self._date(minutes)
        return outbound

    async def ticket(self, minutes: float, kind: str, summary: str, urgency: str = "normal") -> Ticket:
        ticket, _ = await opening.open_ticket(
            self.session, ZONE, self.conversation.id, TicketKind(kind), summary, urgency
        )
        passed = timedelta(minutes=minutes)
        for name in ("opened_at", "first_response_due_at", "resolution_due_at"):
            setattr(ticket, name, getattr(ticket, name) - passed)
        await self._date(minutes)
        return ticket

    async def _last(self) -> Interaction:
        await self.session.flush()
        latest = select(Interaction).where(Interaction.conversation_id == self.conversation.id)
        return (await self.session.scalars(latest.order_by(Interaction.id.desc()).limit(1))).one()

    async def _date(self, minutes: float) -> None:
        (await self._last()).occurred_at = ago(minutes)
        await self.session.flush()
