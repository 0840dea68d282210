"""Notices, consents and templates under /api/v1."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query

from backend.core import audit
from backend.core.access import Allowed, Principal
from backend.core.db import SessionDep
from backend.core.errors import NotFound
from backend.core.idempotency import KeyHeader, once
from backend.core.language import Language
from backend.core.paging import Cursor, Limit
from backend.customers.api import CustomerId
from backend.customers.service import get_customer
from backend.notices import consent_reading, consents, deciding, service, templates
from backend.notices.catalogue import DISCREET
from backend.notices.models import NoticeState
from backend.notices.schemas import (
    ConsentGive,
    ConsentsRead,
    NoticeDetail,
    NoticePage,
    PreferenceSet,
    TemplateAsk,
    TemplateChange,
    TemplateList,
    TemplatePreview,
    TemplatePreviews,
    TemplateRead,
)

router = APIRouter(prefix="/api/v1", tags=["notices"])
MAY_READ = [Depends(Allowed("notices:read"))]
Writer = Annotated[Principal, Depends(Allowed("notices:write"))]
CustomerWriter = Annotated[Principal, Depends(Allowed("customers:write"))]
NoticeId = Annotated[int, Path(ge=1, le=2**31 - 1)]
TemplateName = Annotated[str, Path(pattern=r"^[a-z][a-z0-9_]{1,59}$", examples=["claim_paid"])]
IdQuery = Annotated[int | None, Query(ge=1, le=2**31 - 1)]
PREVIEWED: tuple[Language, ...] = ("zh-Hans", "zh-Hant", "en")


@router.get("/notices", dependencies=MAY_READ, summary="Notices, planned and sent")
async def list_notices(
    session: SessionDep,
    customer_id: IdQuery = None,
    state: Annotated[list[NoticeState] | None, Query(description="`planned`: not sent yet")] = None,
    kind: Annotated[str | None, Query(pattern=r"^[a-z_]{1,60}$", examples=["premium_due"])] = None,
    campaign_id: IdQuery = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> NoticePage:
    """Newest decision first."""
    return await service.list_notices(
        session,
        customer_id=customer_id,
        states=state,
        kind=kind,
        campaign_id=campaign_id,
        cursor=cursor,
        limit=limit,
    )


@router.get("/notices/{notice_id}", dependencies=MAY_READ, summary="One notice and its channels")
async def read_notice(notice_id: NoticeId, session: SessionDep) -> NoticeDetail:
    """What was said, by which channel and why, and why not by the others."""
    return await service.read_notice(session, notice_id)


@router.post("/notices/{notice_id}/cancel", summary="Cancel a planned notice")
async def cancel_notice(notice_id: NoticeId, session: SessionDep, principal: Writer) -> NoticeDetail:
    """It will not be sent; 409 `notice_not_planned` when it is on its way already."""
    await deciding.cancel(session, notice_id, principal.name)
    return await service.read_notice(session, notice_id)


@router.get("/customers/{customer_id}/consents", dependencies=MAY_READ, summary="A customer's consents")
async def read_consents(customer_id: CustomerId, session: SessionDep) -> ConsentsRead:
    """What holds now, who said it and when; channels they stopped; the channel they asked for."""
    return await consent_reading.consents_of(session, await get_customer(session, customer_id))


@router.post("/customers/{customer_id}/consents", summary="Record a consent or a refusal")
async def give_consent(
    customer_id: CustomerId, body: ConsentGive, session: SessionDep, principal: CustomerWriter, key: KeyHeader
) -> ConsentsRead:
    """As the customer told an agent or another system. Earlier ones are kept; the latest counts."""
    customer = await get_customer(session, customer_id)
    source = f"agent:{principal.agent_id}" if principal.agent_id else principal.name

    async def write() -> dict[str, Any]:
        await consents.record(
            session, [body.purpose], body.given, source, customer_id=customer_id, channel=body.channel
        )
        await audit.record(
            session,
            source,
            "consent.recorded",
            f"customer:{customer_id}",
            purpose=body.purpose,
            given=body.given,
        )
        return (await consent_reading.consents_of(session, customer)).model_dump(mode="json")

    asked = body.model_dump(mode="json") | {"customer_id": customer_id}
    return ConsentsRead(**await once(session, f"{principal.name}:consents", key, asked, write))


@router.put("/customers/{customer_id}/notice-channel", summary="The channel a customer asked for")
async def set_channel(
    customer_id: CustomerId, body: PreferenceSet, session: SessionDep, principal: CustomerWriter
) -> ConsentsRead:
    """Tried before all others, as far as it can be."""
    customer = await get_customer(session, customer_id)
    await consent_reading.prefer(session, customer_id, body.channel)
    await audit.record(session, principal.name, "notice_channel.set", f"customer:{customer_id}")
    return await consent_reading.consents_of(session, customer)


def _shown(known: templates.Known) -> TemplateRead:
    own = [field for field in TemplateRead.model_fields if hasattr(known, field)]
    values = {field: getattr(known, field) for field in own}
    discreet = [name for name in known.variables if name in DISCREET]
    return TemplateRead(**values, discreet_variables=discreet, is_urgent=known.urgent)


@router.get("/notice-templates", dependencies=MAY_READ, summary="Wording of all notices")
async def list_templates(session: SessionDep) -> TemplateList:
    """The wording in force, built-in templates first."""
    return TemplateList(items=[_shown(known) for known in await templates.every(session)])


@router.get("/notice-templates/{name}", dependencies=MAY_READ, summary="One template")
async def read_template(name: TemplateName, session: SessionDep) -> TemplateRead:
    """The wording in force."""
    return _shown(await templates.named(session, name))


@router.put("/notice-templates/{name}", summary="Change wording, or add a template for campaigns")
async def change_template(
    name: TemplateName, body: TemplateChange, session: SessionDep, principal: Writer
) -> TemplateRead:
    """A name that is not built in makes a template for campaigns. 422 names a placeholder that must not be there."""
    known = await templates.change(session, name, body.title, body.wording, body.version, principal.agent_id)
    return _shown(known)


@router.delete("/notice-templates/{name}", summary="Back to the built-in wording")
async def reset_template(name: TemplateName, session: SessionDep, principal: Writer) -> TemplateRead:
    """Drops the changes to a built-in template."""
    return _shown(await templates.reset(session, name, principal.agent_id))


@router.post("/notice-templates/{name}/preview", dependencies=MAY_READ, summary="How wording reads")
async def preview_template(name: TemplateName, body: TemplateAsk, session: SessionDep) -> TemplatePreviews:
    """With invented values, in each language, for proved and unproved readers; checked as when it is saved."""
    try:
        known = await templates.named(session, name)
    except NotFound:
        known = await templates.named(session, "campaign_checkup")
    templates.check(body.wording, known.variables)
    return TemplatePreviews(
        items=[
            TemplatePreview(
                language=language,
                is_discreet=is_discreet,
                text=templates.example(known, language, is_discreet, body.wording),
            )
            for language in PREVIEWED
            for is_discreet in (False, True)
        ]
    )
