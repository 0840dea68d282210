"""Events are handed out to the endpoints that follow them, signed, sent, and tried again for a day.

Signed as standardwebhooks.com describes: `webhook-id`, `webhook-timestamp`, `webhook-signature: v1,<base64 of
HMAC-SHA256 over "id.timestamp.body">`. A receiver drops ids that it saw before: deliveries may be repeated.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

import httpx
from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from backend.core import clock
from backend.core.crypto import Vault
from backend.core.db import Database
from backend.webhooks.models import SECRET, WebhookDelivery, WebhookEndpoint, WebhookEvent
from backend.webhooks.payloads import describe

log = logging.getLogger(__name__)

AT_ONCE = 200
WAITS = [5, 30, 120, 600, 1800, 7200, 21600, 43200]  # seconds; together a day
TAKES = timedelta(seconds=30)  # whoever took a delivery has so long before another worker may
TIME_OUT = 10


@dataclass(frozen=True)
class Parcel:
    """A delivery ready to be sent."""

    id: int
    url: str
    headers: dict[str, str]
    body: bytes


def follows(endpoint: WebhookEndpoint, event_type: str) -> bool:
    """Whether the endpoint asked for this type: by its name, by `area.*`, or by `*`."""
    area = event_type.partition(".")[0]
    return bool({event_type, f"{area}.*", "*"} & set(endpoint.events))


def signature(secret: str, delivery_id: str, timestamp: int, body: bytes) -> str:
    """`v1,…` over id, time and body; the secret is `whsec_` and base64 of its bytes."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = f"{delivery_id}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()


async def hand_out(session: AsyncSession) -> int:
    """Make the deliveries of new events; gives how many events were looked at."""
    endpoints = list(await session.scalars(select(WebhookEndpoint).where(WebhookEndpoint.is_active)))
    waiting = select(WebhookEvent).where(~WebhookEvent.is_handed_out).order_by(WebhookEvent.id)
    events: Sequence[WebhookEvent] = (
        await session.scalars(waiting.limit(AT_ONCE).with_for_update(skip_locked=True))
    ).all()
    for event in events:
        event.is_handed_out = True
        described = await describe(session, event) if endpoints else None
        if described is None:
            continue
        kind, payload = described
        for endpoint in endpoints:
            if follows(endpoint, kind):
                row = insert(WebhookDelivery).values(
                    endpoint_id=endpoint.id,
                    event_id=event.id,
                    type=kind,
                    payload=payload,
                    state="waiting",
                    attempts=0,
                    due_at=clock.machine_now(),
                )
                await session.execute(row.on_conflict_do_nothing())
    return len(events)


async def send_due(database: Database, vault: Vault, client: httpx.AsyncClient) -> int:
    """Send what is due; no transaction is open while the network is waited for. Gives how many were tried."""
    async with database.session.begin() as session:
        parcels = await _take(session, vault)
    for parcel in parcels:
        status, error = await _post(client, parcel)
        async with database.session.begin() as session:
            await _note(session, parcel.id, status, error)
    return len(parcels)


async def _take(session: AsyncSession, vault: Vault) -> list[Parcel]:
    now = clock.machine_now()
    rows = await session.execute(
        select(WebhookDelivery, WebhookEndpoint)
        .join(WebhookEndpoint, WebhookEndpoint.id == WebhookDelivery.endpoint_id)
        .where(WebhookDelivery.state == "waiting", WebhookDelivery.due_at <= now, WebhookEndpoint.is_active)
        .order_by(WebhookDelivery.id)
        .limit(20)
        .with_for_update(of=WebhookDelivery, skip_locked=True)
    )
    parcels = []
    for delivery, endpoint in rows:
        delivery.due_at = now + TAKES
        name, timestamp = f"evt_{delivery.event_id}", int(now.timestamp())
        body = json.dumps({"id": name, "type": delivery.type, "data": delivery.payload}, ensure_ascii=False)
        secret = vault.open(endpoint.secret_sealed, SECRET)
        headers = {
            "content-type": "application/json",
            "webhook-id": name,
            "webhook-timestamp": str(timestamp),
            "webhook-signature": signature(secret, name, timestamp, body.encode()),
        }
        parcels.append(Parcel(delivery.id, endpoint.url, headers, body.encode()))
    return parcels


async def _post(client: httpx.AsyncClient, parcel: Parcel) -> tuple[int | None, str | None]:
    try:
        answer = await client.post(
            parcel.url, content=parcel.body, headers=parcel.headers, timeout=TIME_OUT, follow_redirects=False
        )
    except httpx.HTTPError as error:
        return None, type(error).__name__
    return answer.status_code, None if answer.is_success else f"HTTP {answer.status_code}"


async def _note(session: AsyncSession, delivery_id: int, status: int | None, error: str | None) -> None:
    delivery = await session.get_one(WebhookDelivery, delivery_id, with_for_update=True)
    delivery.attempts += 1
    delivery.last_status, delivery.last_error = status, error
    now = clock.machine_now()
    if error is None:
        delivery.state, delivery.delivered_at = "delivered", now
        return
    if status == 410:  # the receiver says that it wants no more
        endpoint = await session.get_one(WebhookEndpoint, delivery.endpoint_id)
        endpoint.is_active, endpoint.disabled_reason = False, "gone"
    if delivery.attempts > len(WAITS):
        delivery.state = "failed"
        log.warning("webhook_failed", extra={"delivery": delivery_id, "error": error})
        return
    delivery.due_at = now + timedelta(seconds=WAITS[delivery.attempts - 1])


async def forget(session: AsyncSession, older_than: timedelta) -> None:
    """Events that were handed out long ago, with their deliveries."""
    before = func.now() - older_than
    await session.execute(
        delete(WebhookEvent).where(WebhookEvent.is_handed_out, WebhookEvent.noted_at < before)
    )
