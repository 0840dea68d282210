"""The one outbox: bot, agents and notices alike leave here, in order within their lane."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping

import redis.asyncio as redis

from backend.conversations.leases import Lease
from backend.conversations.models import Lane
from backend.core import failpoints, live
from backend.core.db import Database
from channels import dispatch
from channels.dispatch import Departure
from channels.ready import Ways
from channels.sending import OutcomeUnknown, Sender, SendLater, SendRejected

log = logging.getLogger(__name__)


class Outbox:
    """Serves leased conversations by sending their open messages through the channel's sender."""

    def __init__(
        self,
        database: Database,
        client: redis.Redis,
        ways: Ways,
        senders: Mapping[str, Sender],
    ) -> None:
        self._database, self._client, self._ways, self._senders = database, client, ways, senders

    async def serve(self, lease: Lease, departure: Departure | None = None) -> None:
        """Send what is due, `departure` first. Codes never wait for replies; a notice waits while a reply is due."""
        has_left = True
        while has_left:  # what was queued meanwhile was not found by those who looked before
            has_left = any(
                await asyncio.gather(
                    self._serve_lanes(lease, (Lane.REPLY, Lane.NOTICE), departure),
                    self._serve_lanes(lease, (Lane.CODE,)),
                )
            )
            departure = None
            async with self._database.session.begin() as session:
                has_left = await dispatch.finish(session, lease, self._ways, stays=has_left)
        await live.announce(self._client, "interaction", lease.conversation_id)

    async def _serve_lanes(
        self, lease: Lease, lanes: tuple[Lane, ...], departure: Departure | None = None
    ) -> bool:
        """Send what may leave of these lanes; whether anything did."""
        has_left = False
        while True:
            if departure is None:
                async with self._database.session.begin() as session:
                    departure = await dispatch.next_departure(session, lease, lanes, self._ways)
            if departure is None:
                return has_left
            await self._send(lease, departure)
            departure, has_left = None, True

    async def _send(self, lease: Lease, departure: Departure) -> None:
        message = departure.message
        sender = self._senders.get(message.channel)
        begin = self._database.session.begin
        if sender is None:
            async with begin() as session:
                await dispatch.was_rejected(session, lease, message.id, "channel_off")
            return
        try:
            sent = await sender.look_up(message) if departure.in_doubt else None
            if sent is None and departure.in_doubt and not await self._may_repeat(lease, sender, message.id):
                return
            sent = sent or await sender.send(message)
            failpoints.reached("after_send")
        except SendRejected as error:
            log.warning("send_rejected", extra={"outbound": message.id, "code": error.code})
            async with begin() as session:
                await dispatch.was_refused(session, lease, message.id, error, self._ways)
        except SendLater as error:
            async with begin() as session:
                await dispatch.try_later(session, lease, message.id, error.code, error.retry_after)
        except OutcomeUnknown as error:
            async with begin() as session:
                await dispatch.is_in_doubt(session, lease, message.id, str(error))
        else:
            async with begin() as session:
                await dispatch.was_sent(session, lease, message.id, sent)

    async def _may_repeat(self, lease: Lease, sender: Sender, outbound_id: int) -> bool:
        async with self._database.session.begin() as session:
            if sender.repeats_when_unknown:
                return await dispatch.may_repeat(session, lease, outbound_id)
            await dispatch.was_rejected(session, lease, outbound_id, "outcome_unknown")
            return False
