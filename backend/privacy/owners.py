"""Which rows are a person's: the ids, by kind of owner, that `personal.HELD` refers to."""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from backend.claims.models import Claim, ClaimDraft
from backend.conversations.door import REFERENCE
from backend.conversations.models import Binding, Conversation, InboundMessage, Interaction
from backend.policies.models import Policy
from backend.tickets.models import Ticket
from backend.webhooks.models import WebhookEvent

Owners = dict[str, list[Any]]


async def owners_of(session: AsyncSession, customer_id: int) -> Owners:
    """The person's ids. Contacts count that were never anybody else's; messages, those on this person's record."""

    async def ids(query: Any) -> list[Any]:
        return list((await session.scalars(query)).all())

    record = select(Interaction).where(Interaction.customer_id == customer_id).subquery()
    contacts = await ids(_contacts_of_nobody_else(customer_id))
    texts = await ids(select(record.c.text))
    return {
        "customer": [customer_id],
        "contact": contacts,
        "conversation": await ids(select(Conversation.id).where(Conversation.contact_id.in_(contacts))),
        "inbound": await ids(select(record.c.inbound_id).where(record.c.inbound_id.is_not(None)).distinct()),
        "outbound": await ids(select(record.c.outbound_id).where(record.c.outbound_id.is_not(None))),
        "hidden": [ref for text in texts for _, ref in REFERENCE.findall(text)],
        "policy": await ids(select(Policy.id).where(Policy.holder_id == customer_id)),
        "claim": await ids(select(Claim.id).where(Claim.customer_id == customer_id)),
        "draft": await ids(select(ClaimDraft.id).where(ClaimDraft.customer_id == customer_id)),
        "scope": [f"contact:{contact_id}" for contact_id in contacts],
        "webhook": await ids(
            select(WebhookEvent.id)
            .join(record, record.c.id == WebhookEvent.source_id)
            .where(WebhookEvent.source == "interactions")
        ),
        "ticket": await ids(select(Ticket.id).where(Ticket.customer_id == customer_id)),
        "tracker": await _trackers(session, customer_id),
    }


def _contacts_of_nobody_else(customer_id: int) -> Any:
    other = aliased(Binding)
    shared = select(other.id).where(other.contact_id == Binding.contact_id, other.customer_id != customer_id)
    return select(Binding.contact_id).where(Binding.customer_id == customer_id, ~shared.exists()).distinct()


async def _trackers(session: AsyncSession, customer_id: int) -> list[str]:
    """Rasa's sender ids of the episodes in which this person spoke."""
    episodes = (
        select(func.concat(Interaction.conversation_id, ":", InboundMessage.episode))
        .join(InboundMessage, InboundMessage.id == Interaction.inbound_id)
        .where(Interaction.customer_id == customer_id, InboundMessage.episode.is_not(None))
        .distinct()
    )
    return list((await session.scalars(episodes)).all())
