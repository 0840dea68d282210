"""Rights of the person: a copy of the data, and erasure."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Path, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.background import BackgroundTask
from starlette.responses import JSONResponse

from backend.core import clock
from backend.core.access import Allowed, Principal
from backend.core.db import SessionDep
from backend.privacy import erasure, export

router = APIRouter(prefix="/api/v1/customers", tags=["privacy"])
Keeper = Annotated[Principal, Depends(Allowed("privacy:write"))]
CustomerId = Annotated[int, Path(ge=1, lt=2**63)]


class PersonData(BaseModel):
    """Everything held of one person, by table. Identity and bank numbers are left out."""

    customer_id: int
    made_at: str
    data: dict[str, list[dict[str, Any]]]


class ErasureRequest(BaseModel):
    """`whole`: the person, allowed when no contract needs the data any more. `record`: only what was said and sent."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"scope": "record"}]})
    scope: Literal["whole", "record"] = Field(examples=["record"])


class ErasureDone(BaseModel):
    """How many rows of each table were emptied or removed."""

    customer_id: int
    scope: str
    rows: dict[str, int]
    files: int


@router.get("/{customer_id}/data", summary="A copy of everything held of one person")
async def export_person(customer_id: CustomerId, session: SessionDep, principal: Keeper) -> PersonData:
    """For the person who asks for it (PIPL, article 45). Each call is audited."""
    data = await export.person_data(session, customer_id, principal.name)
    return PersonData(customer_id=customer_id, made_at=clock.now().isoformat(), data=data)


@router.post(
    "/{customer_id}/erasure",
    summary="Erase a person",
    response_model=ErasureDone,
    responses={409: {"description": "`still_needed`, with the `reasons`"}},
)
async def erase_person(
    customer_id: CustomerId, body: ErasureRequest, request: Request, session: SessionDep, principal: Keeper
) -> JSONResponse:
    """Removes the person's content and keeps the counts. It cannot be undone, and backups older than it still hold
    the data until they are removed. Doing it again changes nothing."""
    settings = request.app.state.settings
    counts, names = await erasure.erase(
        session,
        customer_id,
        principal.name,
        whole=body.scope == "whole",
        today=clock.today(settings.zone),
    )
    done = ErasureDone(customer_id=customer_id, scope=body.scope, rows=counts, files=len(names))
    # Runs after the response, and so after the commit.
    remove = BackgroundTask(erasure.remove_files, settings.data_dir, names)
    return JSONResponse(done.model_dump(), background=remove)
