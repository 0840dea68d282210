"""Whom the bot speaks for: derived from the stored message that an action names, never from what it claims."""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import Depends, Request
from sqlalchemy import select

from backend.conversations.identity import identity_of
from backend.conversations.models import Contact, Conversation, InboundMessage
from backend.core.db import SessionDep
from backend.core.errors import Forbidden, NotFound, Unauthenticated


class IdentityRequired(Forbidden):
    """The identity level of this contact does not allow the question; says nothing about what exists."""

    code = "identity_required"


@dataclass(frozen=True)
class Caller:
    """The contact behind the bot's call, and what is known of it at this moment."""

    message_id: int
    conversation_id: int
    contact_id: int
    channel: str
    language: str
    level: int
    customer_id: int | None
    verified_at: datetime | None

    def customer_at(self, level: int) -> int:
        """The customer's id, when the identity level is at least `level`; raises `IdentityRequired`."""
        if self.level < level or self.customer_id is None:
            raise IdentityRequired("Please verify your identity first.", required_level=level)
        return self.customer_id


async def get_caller(request: Request, session: SessionDep) -> Caller:
    """Derive the caller from the service token and `X-Anda-Message`; raises `Unauthenticated` or `NotFound`."""
    _, _, token = request.headers.get("authorization", "").partition(" ")
    expected = request.app.state.settings.service_token.get_secret_value()
    if not hmac.compare_digest(token.encode(), expected.encode()):
        raise Unauthenticated("The service token is missing or wrong.")
    message_id = request.headers.get("x-anda-message", "")
    if not message_id.isdecimal() or len(message_id) > 18:
        raise NotFound("There is no such message.")
    row = (
        await session.execute(
            select(InboundMessage, Conversation, Contact)
            .join(Conversation, Conversation.id == InboundMessage.conversation_id)
            .join(Contact, Contact.id == InboundMessage.contact_id)
            .where(InboundMessage.id == int(message_id))
        )
    ).first()
    if row is None:
        raise NotFound("There is no such message.")
    message, conversation, contact = row
    identity = await identity_of(session, contact)
    return Caller(
        message.id, conversation.id, contact.id, contact.channel, message.language,
        identity.level, identity.customer_id, identity.verified_at,
    )  # fmt: skip


CallerDep = Annotated[Caller, Depends(get_caller, scope="function")]
