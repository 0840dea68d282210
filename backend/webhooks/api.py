"""Webhooks to manage: endpoints, their deliveries, and sending one again."""

from __future__ import annotations

import base64
import secrets
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel, ConfigDict, Field, HttpUrl
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.core import audit, clock
from backend.core.access import Allowed, Principal
from backend.core.db import SessionDep
from backend.core.errors import Conflict, Invalid, NotFound
from backend.core.paging import Cursor, Limit, decode_id, encode_cursor
from backend.webhooks.addresses import check_address
from backend.webhooks.models import SECRET, WebhookDelivery, WebhookEndpoint, WebhookEvent

router = APIRouter(prefix="/api/v1/webhooks", tags=["webhooks"])
Keeper = Annotated[Principal, Depends(Allowed("webhooks:write"))]
EventName = Annotated[str, Field(pattern=r"^(\*|(ticket|conversation)\.(\*|[a-z_]{1,40}))$")]


class EndpointIsOff(Conflict):
    code = "endpoint_is_off"


class EndpointWrite(BaseModel):
    """Where events go: `ticket.*`, `conversation.*`, single types such as `ticket.resolved`, or `*`."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"url": "https://desk.example.com/anda", "events": ["ticket.*"]}]},
    )
    url: HttpUrl
    events: list[EventName] = Field(min_length=1, max_length=30)
    is_active: bool = True


class EndpointRead(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    id: int
    url: str
    events: list[str]
    is_active: bool
    disabled_reason: str | None
    created_at: datetime


class EndpointCreated(EndpointRead):
    secret: str = Field(description="Shown once: what signatures are checked with.")


class EndpointList(BaseModel):
    items: list[EndpointRead]


class DeliveryRead(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    id: int
    event_id: int
    type: str
    state: str = Field(description="waiting, delivered or failed")
    attempts: int
    due_at: datetime
    last_status: int | None
    last_error: str | None
    delivered_at: datetime | None
    payload: dict[str, Any]


class DeliveryPage(BaseModel):
    items: list[DeliveryRead]
    next: str | None


async def _endpoint(session: AsyncSession, endpoint_id: int) -> WebhookEndpoint:
    endpoint = await session.get(WebhookEndpoint, endpoint_id)
    if endpoint is None:
        raise NotFound("There is no such endpoint.")
    return endpoint


@router.get("", summary="All endpoints")
async def list_endpoints(session: SessionDep, _: Keeper) -> EndpointList:
    """Oldest first."""
    rows = await session.scalars(select(WebhookEndpoint).order_by(WebhookEndpoint.id))
    return EndpointList(items=[EndpointRead.model_validate(row) for row in rows])


@router.post("", status_code=201, summary="Add an endpoint")
async def add_endpoint(
    body: EndpointWrite, request: Request, session: SessionDep, principal: Keeper
) -> EndpointCreated:
    """Outside the demo only https addresses of public hosts are taken."""
    if problem := await check_address(str(body.url), is_demo=request.app.state.settings.demo):
        raise Invalid(problem, field="url")
    secret = "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()
    endpoint = WebhookEndpoint(
        url=str(body.url),
        events=list(body.events),
        is_active=body.is_active,
        secret_sealed=request.app.state.vault.seal(secret, SECRET),
        created_at=clock.now(),
    )
    session.add(endpoint)
    await session.flush()
    await audit.record(session, principal.name, "webhook.added", f"webhook:{endpoint.id}")
    return EndpointCreated(**EndpointRead.model_validate(endpoint).model_dump(), secret=secret)


@router.put("/{endpoint_id}", summary="Change an endpoint")
async def change_endpoint(
    endpoint_id: int, body: EndpointWrite, request: Request, session: SessionDep, principal: Keeper
) -> EndpointRead:
    """The secret stays; make a new endpoint for a new one."""
    endpoint = await _endpoint(session, endpoint_id)
    if problem := await check_address(str(body.url), is_demo=request.app.state.settings.demo):
        raise Invalid(problem, field="url")
    endpoint.url, endpoint.events = str(body.url), list(body.events)
    endpoint.is_active = body.is_active
    endpoint.disabled_reason = None if body.is_active else endpoint.disabled_reason
    await audit.record(session, principal.name, "webhook.changed", f"webhook:{endpoint_id}")
    return EndpointRead.model_validate(endpoint)


@router.delete("/{endpoint_id}", status_code=204, summary="Remove an endpoint")
async def remove_endpoint(endpoint_id: int, session: SessionDep, principal: Keeper) -> None:
    """With its deliveries."""
    await session.delete(await _endpoint(session, endpoint_id))
    await audit.record(session, principal.name, "webhook.removed", f"webhook:{endpoint_id}")


@router.get("/{endpoint_id}/deliveries", summary="What was sent, newest first")
async def list_deliveries(
    endpoint_id: int,
    session: SessionDep,
    _: Keeper,
    state: Annotated[str | None, Query(pattern="^(waiting|delivered|failed)$")] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> DeliveryPage:
    """With the last answer of the receiver."""
    await _endpoint(session, endpoint_id)
    query = select(WebhookDelivery).where(WebhookDelivery.endpoint_id == endpoint_id)
    query = query.where(WebhookDelivery.state == state) if state else query
    query = query.where(WebhookDelivery.id < decode_id(cursor)) if cursor else query
    found = (await session.scalars(query.order_by(WebhookDelivery.id.desc()).limit(limit + 1))).all()
    items = [DeliveryRead.model_validate(row) for row in found[:limit]]
    return DeliveryPage(items=items, next=encode_cursor(items[-1].id) if len(found) > limit else None)


@router.post("/{endpoint_id}/test", status_code=201, summary="Send a test event")
async def send_test(endpoint_id: int, session: SessionDep, principal: Keeper) -> DeliveryRead:
    """`webhook.test`, signed and sent as every event is; its delivery tells what the receiver answered."""
    endpoint = await _endpoint(session, endpoint_id)
    if not endpoint.is_active:
        raise EndpointIsOff("This endpoint is switched off. Switch it on first.")
    now = clock.machine_now()
    event = WebhookEvent(source="test", source_id=endpoint_id, is_handed_out=True, noted_at=now)
    session.add(event)
    await session.flush()
    delivery = WebhookDelivery(
        endpoint_id=endpoint_id,
        event_id=event.id,
        type="webhook.test",
        payload={"endpoint": endpoint_id, "occurred_at": clock.now().isoformat()},
        due_at=now,
    )
    session.add(delivery)
    await session.flush()
    await audit.record(session, principal.name, "webhook.tested", f"webhook:{endpoint_id}")
    return DeliveryRead.model_validate(delivery)


@router.post("/{endpoint_id}/deliveries/{delivery_id}/replay", summary="Send a delivery again")
async def replay_delivery(
    endpoint_id: int, delivery_id: int, session: SessionDep, principal: Keeper
) -> DeliveryRead:
    """With the same id and body, so that a receiver that has it drops it."""
    delivery = await session.get(WebhookDelivery, delivery_id, with_for_update=True)
    if delivery is None or delivery.endpoint_id != endpoint_id:
        raise NotFound("There is no such delivery.")
    delivery.state, delivery.attempts, delivery.due_at = "waiting", 0, clock.machine_now()
    await audit.record(
        session, principal.name, "webhook.replayed", f"webhook:{endpoint_id}", delivery=delivery_id
    )
    return DeliveryRead.model_validate(delivery)
