"""Signed-in browsers: one's own and, for administrators, everybody's; each can be ended."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, Field, SecretStr
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from backend.core import audit, clock
from backend.core.access import COOKIE, AgentSession, Allowed, Principal, hash_token
from backend.core.db import SessionDep
from backend.core.errors import NotFound
from handoff import passwords
from handoff.second_factor import OwnAgent
from handoff.sign_in import WrongCredentials

router = APIRouter(prefix="/api/v1", tags=["sign-in"])
Admin = Annotated[Principal, Depends(Allowed("agents:write"))]
AT_MOST = 100


class SessionRead(BaseModel):
    id: int
    browser: str = Field(description="As the browser called itself, shortened.")
    created_at: datetime
    expires_at: datetime
    is_this_one: bool


class SessionList(BaseModel):
    items: list[SessionRead]


class PasswordChange(BaseModel):
    """At least 12 characters; the other sessions end."""

    old: Annotated[SecretStr, Field(max_length=1000)]
    new: Annotated[SecretStr, Field(min_length=12, max_length=1000)]


async def _living(session: AsyncSession, agent_id: int, request: Request) -> SessionList:
    own = hash_token(request.cookies.get(COOKIE) or "")
    rows = await session.scalars(
        select(AgentSession)
        .where(
            AgentSession.agent_id == agent_id,
            AgentSession.ended_at.is_(None),
            AgentSession.expires_at > clock.now(),
        )
        .order_by(AgentSession.id.desc())
        .limit(AT_MOST)
    )
    return SessionList(
        items=[
            SessionRead(
                id=row.id,
                browser=row.browser or "",
                created_at=row.created_at,
                expires_at=row.expires_at,
                is_this_one=row.token_hash == own,
            )
            for row in rows
        ]
    )


async def end_sessions(
    session: AsyncSession, agent_id: int, *, only: int | None = None, but: str | None = None
) -> int:
    """End an agent's sessions: one, or all but the one with the token hash `but`; gives how many."""
    ending = update(AgentSession).where(AgentSession.agent_id == agent_id, AgentSession.ended_at.is_(None))
    if only is not None:
        ending = ending.where(AgentSession.id == only)
    if but is not None:
        ending = ending.where(AgentSession.token_hash != but)
    ended = await session.scalars(ending.values(ended_at=clock.now()).returning(AgentSession.id))
    return len(ended.all())


@router.get("/auth/sessions", summary="My signed-in browsers")
async def own_sessions(request: Request, session: SessionDep, agent: OwnAgent) -> SessionList:
    """The newest first."""
    return await _living(session, agent.id, request)


@router.delete("/auth/sessions/{session_id}", status_code=204, summary="Sign one of my browsers out")
async def end_own_session(session_id: int, session: SessionDep, agent: OwnAgent) -> None:
    """Its page closes within half a minute."""
    if not await end_sessions(session, agent.id, only=session_id):
        raise NotFound("There is no such session.")


@router.post("/auth/password", status_code=204, summary="Change my password")
async def change_password(
    body: PasswordChange, request: Request, session: SessionDep, agent: OwnAgent
) -> None:
    """The other browsers are signed out."""
    if not await passwords.is_password(agent.password_hash, body.old.get_secret_value()):
        raise WrongCredentials("The password is not right.")
    agent.password_hash = passwords.hash_password(body.new.get_secret_value())
    await end_sessions(session, agent.id, but=hash_token(request.cookies.get(COOKIE) or ""))
    await audit.record(session, agent.username, "agent.password_changed", f"agent:{agent.id}")


@router.get("/agents/{agent_id}/sessions", summary="An agent's signed-in browsers")
async def sessions_of_agent(agent_id: int, request: Request, session: SessionDep, _: Admin) -> SessionList:
    """The newest first."""
    return await _living(session, agent_id, request)


@router.delete("/agents/{agent_id}/sessions", status_code=204, summary="Sign an agent out everywhere")
async def end_sessions_of_agent(agent_id: int, session: SessionDep, principal: Admin) -> None:
    """Pages close within half a minute."""
    await end_sessions(session, agent_id)
    await audit.record(session, principal.name, "agent.signed_out", f"agent:{agent_id}")
