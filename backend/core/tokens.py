"""Tokens of other systems under /api/v1: made with the scopes they need, shown once, revoked when no longer needed."""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Path
from pydantic import BaseModel, ConfigDict, Field, field_validator
from sqlalchemy import select, update

from backend.core import audit, clock
from backend.core.access import SCOPES, Allowed, ApiToken, Principal, Role, hash_token
from backend.core.db import SessionDep
from backend.core.errors import Conflict, Forbidden, NotFound
from backend.core.paging import Cursor, Limit, decode_id, encode_cursor

router = APIRouter(prefix="/api/v1/tokens", tags=["tokens"])
Keeper = Annotated[Principal, Depends(Allowed("tokens:write"))]
# `bot` is between our own processes: it stands for a customer's message, which no other system has.
# Who may make tokens is a person: a token that makes tokens could outlive its revocation.
OFFERED = sorted(SCOPES[Role.ADMIN] - {"tokens:write"})


class TokenCreate(BaseModel):
    model_config = ConfigDict(
        json_schema_extra={"examples": [{"name": "core", "scopes": ["customers:read", "customers:write"]}]}
    )
    name: str = Field(
        pattern=r"^[a-z0-9][a-z0-9._-]{0,49}$", description="The system's name; its audit entries carry it"
    )
    scopes: list[str] = Field(min_length=1, max_length=50, description=f"Of: {', '.join(OFFERED)}")

    @field_validator("scopes")
    @classmethod
    def _known(cls, scopes: list[str]) -> list[str]:
        if unknown := set(scopes) - set(OFFERED):
            raise ValueError(f"unknown scopes: {', '.join(sorted(unknown))[:200]}")
        return sorted(set(scopes))


class TokenRead(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    id: int
    name: str = Field(examples=["core"])
    scopes: list[str] = Field(examples=[["customers:read", "customers:write"]])
    created_at: datetime
    revoked_at: datetime | None


class TokenCreated(TokenRead):
    token: str = Field(description="Shown this once; only its hash is kept", examples=["anda_Zk3…"])


class TokenPage(BaseModel):
    items: list[TokenRead]
    next: str | None


@router.post("", status_code=201, summary="Make a token")
async def create_token(body: TokenCreate, session: SessionDep, principal: Keeper) -> TokenCreated:
    """A token for another system, with the scopes it needs and no others. **It is shown once**: store it safely.

    The name is free again when its token is revoked. Only a person who is signed in can make tokens, and only
    with rights they have themselves."""
    if principal.agent_id is None:
        raise Forbidden("Only a person who is signed in can make tokens.")
    if missing := set(body.scopes) - principal.scopes:
        raise Forbidden(f"You do not have these rights yourself: {', '.join(sorted(missing))}.")
    secret = f"anda_{secrets.token_urlsafe(32)}"
    known = select(ApiToken.id).where(ApiToken.name == body.name, ApiToken.revoked_at.is_(None))
    if await session.scalar(known):
        raise Conflict("There is a token with this name. Revoke it first, or choose another name.")
    token = ApiToken(
        name=body.name, token_hash=hash_token(secret), scopes=body.scopes, created_at=clock.now()
    )
    session.add(token)
    await session.flush()
    await audit.record(session, principal.actor, "token.made", f"token:{token.id}", scopes=body.scopes)
    return TokenCreated(**TokenRead.model_validate(token).model_dump(), token=secret)


@router.get("", summary="The tokens, newest first")
async def list_tokens(session: SessionDep, _: Keeper, limit: Limit = 50, cursor: Cursor = None) -> TokenPage:
    """Every token that was ever made, without its secret; `revoked_at` tells which no longer work."""
    query = select(ApiToken).order_by(ApiToken.id.desc()).limit(limit + 1)
    if cursor:
        query = query.where(ApiToken.id < decode_id(cursor))
    found = list(await session.scalars(query))
    return TokenPage(
        items=[TokenRead.model_validate(token) for token in found[:limit]],
        next=encode_cursor(found[limit - 1].id) if len(found) > limit else None,
    )


@router.delete("/{token_id}", status_code=204, summary="Revoke a token")
async def revoke_token(
    token_id: Annotated[int, Path(ge=1, le=2**31 - 1)], session: SessionDep, principal: Keeper
) -> None:
    """From now on the token is refused. Revoking it again is fine."""
    token = await session.get(ApiToken, token_id)
    if token is None:
        raise NotFound("There is no such token.")
    revoked = await session.scalar(
        update(ApiToken)
        .where(ApiToken.id == token_id, ApiToken.revoked_at.is_(None))
        .values(revoked_at=clock.now())
        .returning(ApiToken.id)
    )
    if revoked:
        await audit.record(session, principal.actor, "token.revoked", f"token:{token_id}")
