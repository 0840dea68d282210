"""The way a message leaves by, settled before its first try.

WeChat counts what may be sent. What would overflow is merged into fewer messages, and the last send is kept for a
human. What is over even so is held until the customer writes again; a template message where one is set up, or else an
SMS to the bound customer, tells that it waits. A notice does not wait: it goes by template or not at all.
"""

from __future__ import annotations

from datetime import timedelta
from typing import cast

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from backend.conversations import allowances
from backend.conversations.identity import Identity, identity_of
from backend.conversations.models import (
    NEXT_MESSAGE,
    TEMPLATE,
    Contact,
    Conversation,
    Kind,
    Lane,
    OutboundMessage,
    OutboundState,
)
from backend.conversations.outgoing import Address, Reply, queue_reply
from backend.conversations.refusals import has_refused
from backend.core import business, clock
from backend.core.language import Language
from backend.core.texts import say
from backend.customers.models import Customer
from backend.notices import consents
from backend.notices.models import Purpose
from channels.answers import links
from channels.ready import (
    REPLY_WAITING,
    Ways,
    needs_registered_wording,
    ready,
    registered_wording,
    wechat_template,
)
from channels.sms.parse import MAINLAND
from channels.wechat.rendering import how_many_carried

TELL_AGAIN_AFTER = timedelta(minutes=10)
HELD_FOR = timedelta(days=7)
HELD = "held"


async def choose(
    session: AsyncSession,
    ways: Ways,
    conversation: Conversation,
    outbound: OutboundMessage,
    recipient: Contact | None = None,
) -> str | None:
    """Settle how `outbound` leaves and spend what that costs: None when it may, `HELD`, or the reason why not.

    `recipient`: whom it goes to, if the caller has read it; it is read otherwise.
    """
    if outbound.channel == "sms":
        return await _sms_refusal(session, outbound, await _is_refused(session, outbound, recipient))
    if outbound.channel == "wechat" and outbound.via != TEMPLATE:
        is_refused = await _is_refused(session, outbound, recipient)
        return await _wechat(session, ways, conversation, outbound, is_refused)
    return None


async def _is_refused(session: AsyncSession, outbound: OutboundMessage, recipient: Contact | None) -> bool:
    if recipient is not None:
        return recipient.has_refused
    return await has_refused(session, outbound.channel, outbound.account, outbound.recipient)


async def _sms_refusal(session: AsyncSession, outbound: OutboundMessage, is_refused: bool) -> str | None:
    if is_refused:
        return "opted_out"
    if needs_registered_wording(outbound) and not await registered_wording(session, outbound):
        return "no_template"
    return None


async def _wechat(
    session: AsyncSession,
    ways: Ways,
    conversation: Conversation,
    outbound: OutboundMessage,
    is_refused: bool,
) -> str | None:
    is_notice = bool(outbound.payload.get("notice"))
    is_human = outbound.payload.get("speaker") == "agent"
    if is_refused:
        if not is_notice:
            await tell_that_it_waits(session, ways, conversation, outbound, by_template=False)
        return "unfollowed"
    if outbound.channel not in ways.fetched:
        if not outbound.parts_sent:
            await _merge(session, ways, conversation, outbound, is_human)
        if await allowances.spend(session, conversation.contact_id, is_human):
            return None
    if is_notice:
        if await wechat_template(session, outbound) is None:
            return "no_way"
        outbound.via = TEMPLATE
        return None
    await tell_that_it_waits(session, ways, conversation, outbound)
    return HELD


async def hold(session: AsyncSession, outbound: OutboundMessage, error: str) -> None:
    """Keep it, and what it carries, for the customer's next message, but not for ever."""
    outbound.state, outbound.via, outbound.error = OutboundState.QUEUED, NEXT_MESSAGE, error
    outbound.first_tried_at, outbound.expires_at = None, clock.now() + HELD_FOR
    freed = update(OutboundMessage).where(OutboundMessage.carried_by == outbound.id)
    await session.execute(
        freed.values(
            carried_by=None,
            state=OutboundState.QUEUED,
            via=NEXT_MESSAGE,
            error=error,
            expires_at=outbound.expires_at,
        )
    )


async def tell_that_it_waits(
    session: AsyncSession,
    ways: Ways,
    conversation: Conversation,
    outbound: OutboundMessage,
    by_template: bool = True,
) -> bool:
    """Tell the customer, at most every ten minutes, that an answer waits: by template message, else by SMS.

    The SMS goes only to a customer who is bound to this conversation, to the phone on record, where SMS was not
    refused; in mainland China in the registered wording.
    """
    key = f"waiting:{conversation.id}:{_period()}"
    known = select(OutboundMessage.id).where(OutboundMessage.key == key)
    if outbound.kind != Kind.MESSAGE or await session.scalar(known) is not None:
        return False
    contact = await session.get_one(Contact, conversation.contact_id)
    identity = await identity_of(session, contact)
    to = None
    if not (by_template and await _has_template(session)):
        to = await _phone_of(session, ways, identity)
        if to is None:
            return False
    reply = Reply(
        text=say("reply_waiting", cast(Language, conversation.language)),
        speaker="system",
        kind=Kind.NOTICE,
        lane=Lane.NOTICE,
        key=key,
        payload={
            "link": {"url": await links.path_to(session, ways.vault, outbound.id)},
            "notice": {"template": REPLY_WAITING, "values": {"summary": outbound.text}},
        },
        to=to,
    )
    queued = await queue_reply(session, conversation, contact, identity, reply)
    queued.via = TEMPLATE if to is None else None
    return True


def _period() -> int:
    return int(clock.now().timestamp() // TELL_AGAIN_AFTER.total_seconds())


async def _has_template(session: AsyncSession) -> bool:
    return bool((await business.setting(session, "wechat_templates")).get(REPLY_WAITING))


async def _phone_of(session: AsyncSession, ways: Ways, identity: Identity) -> Address | None:
    """Where the verified customer may be texted; None when nowhere."""
    if ways.sms_account is None or identity.level < 2 or identity.customer_id is None:
        return None
    customer = await session.get_one(Customer, identity.customer_id)
    if not customer.phone or await has_refused(session, "sms", ways.sms_account, customer.phone):
        return None
    said = (await consents.load(session, [customer.id], {}))[customer.id]
    wordings = await business.setting(session, "sms_templates_cn")
    is_sayable = not customer.phone.startswith(MAINLAND) or REPLY_WAITING in wordings
    if not is_sayable or not said.may_tell(Purpose.SERVICE, "sms"):
        return None
    return Address("sms", ways.sms_account, customer.phone)


async def _merge(
    session: AsyncSession, ways: Ways, conversation: Conversation, outbound: OutboundMessage, is_human: bool
) -> None:
    """Put as many of the following replies into this one as are needed for all of them to fit the allowance."""
    left = (await allowances.sends_left(session, conversation.contact_id)).usable_by(is_human)
    queue = await _waiting_behind(session, outbound)
    if not queue or left < 1:
        return
    messages = [await ready(session, ways, row) for row in (outbound, *queue)]
    for row in queue[: how_many_carried(messages, left)]:
        row.carried_by, row.state = outbound.id, OutboundState.SENDING
    await session.flush()


async def _waiting_behind(session: AsyncSession, outbound: OutboundMessage) -> list[OutboundMessage]:
    """The replies after `outbound` that could leave inside it: of the same speaker, and no pictures among them."""
    following = await session.scalars(
        select(OutboundMessage)
        .where(
            OutboundMessage.conversation_id == outbound.conversation_id,
            OutboundMessage.channel == outbound.channel,
            OutboundMessage.lane == outbound.lane,
            OutboundMessage.id > outbound.id,
            OutboundMessage.state == OutboundState.QUEUED,
            OutboundMessage.carried_by.is_(None),
            OutboundMessage.via.is_(None),
        )
        .order_by(OutboundMessage.id)
    )
    is_agent = outbound.payload.get("speaker") == "agent"
    found: list[OutboundMessage] = []
    for row in following if not outbound.payload.get("image") else ():
        if row.payload.get("image") or (row.payload.get("speaker") == "agent") != is_agent:
            break
        found.append(row)
    return found
