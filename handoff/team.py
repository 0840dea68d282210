"""Agents and their groups of skills, for administrators; names and presence for everybody at the desk."""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from backend.core import audit, business
from backend.core.access import Agent, Allowed, Principal
from backend.core.db import SessionDep
from backend.core.errors import Conflict, Invalid, NotFound, VersionConflict
from backend.tickets.models import Ticket, TicketStatus
from handoff import passwords, recovery_codes
from handoff.presence import Presence
from handoff.sessions import end_sessions

router = APIRouter(prefix="/api/v1/agents", tags=["agents"])
Admin = Annotated[Principal, Depends(Allowed("agents:write"))]
Reader = Annotated[Principal, Depends(Allowed("tickets:read"))]
RoleName = Literal["agent", "supervisor", "admin", "auditor"]
Skill = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,29}$")]
LanguageName = Literal["zh", "en"]


class UsernameTaken(Conflict):
    code = "username_taken"


class AgentWrite(BaseModel):
    """`skills` are the groups whose tickets ring at the agent: claims, policy_service, complaints, or others."""

    model_config = ConfigDict(extra="forbid")
    name: str = Field(min_length=1, max_length=100, examples=["李娜"])
    role: RoleName = "agent"
    skills: list[Skill] = Field(default_factory=list, max_length=20, examples=[["claims"]])
    languages: list[LanguageName] = Field(default=["zh"], max_length=2)


class AgentAdd(AgentWrite):
    username: str = Field(pattern=r"^[a-z][a-z0-9._-]{1,49}$", examples=["li.na"])


class AgentChange(AgentWrite):
    is_active: bool = True
    version: int = Field(ge=1, lt=2**63)


class TeamMember(BaseModel):
    """`load` is how many tickets the agent has; `presence` is available, away, or null when not here."""

    id: int
    username: str
    name: str
    role: str
    skills: list[str]
    languages: list[str]
    is_active: bool
    has_second_factor: bool
    load: int
    presence: str | None
    version: int
    created_at: datetime


class Team(BaseModel):
    """`capacity` is how many tickets one agent has at most before none ring any more (business setting `routing`)."""

    items: list[TeamMember]
    capacity: int


class AgentAdded(TeamMember):
    password: str = Field(description="Shown once; the agent changes it after the first sign-in.")


class NewPassword(BaseModel):
    password: str = Field(description="Shown once; every session of the agent has ended.")


async def _members(session: AsyncSession, request: Request, *where: Any) -> list[TeamMember]:
    here = {one["id"]: one["state"] for one in await Presence(request.app.state.redis).everyone()}
    load = (
        select(func.count())
        .where(Ticket.agent_id == Agent.id, Ticket.status.in_((TicketStatus.ASSIGNED, TicketStatus.WAITING)))
        .scalar_subquery()
    )
    rows = await session.execute(select(Agent, load).where(*where).order_by(Agent.name, Agent.id))
    names = ("id", "username", "name", "role", "skills", "languages", "is_active", "version", "created_at")
    return [
        TeamMember(
            **{name: getattr(agent, name) for name in names},
            has_second_factor=agent.totp_sealed is not None,
            load=count,
            presence=here.get(agent.id),
        )
        for agent, count in rows
    ]


async def _member(session: AsyncSession, request: Request, agent_id: int) -> TeamMember:
    found = await _members(session, request, Agent.id == agent_id)
    if not found:
        raise NotFound("There is no such agent.")
    return found[0]


@router.get("", summary="The team")
async def list_team(request: Request, session: SessionDep, _: Reader) -> Team:
    """By name, with presence and load; to assign tickets to, among others."""
    capacity = (await business.setting(session, "routing"))["capacity"]
    return Team(items=await _members(session, request), capacity=capacity)


@router.post("", status_code=201, summary="Add an agent")
async def add_agent(body: AgentAdd, request: Request, session: SessionDep, principal: Admin) -> AgentAdded:
    """With a first password that is shown once."""
    password = secrets.token_urlsafe(12)
    agent = Agent(**body.model_dump(), password_hash=passwords.hash_password(password))
    session.add(agent)
    try:
        await session.flush()
    except IntegrityError as error:
        raise UsernameTaken("This username is taken.") from error
    await audit.record(session, principal.name, "agent.added", f"agent:{agent.id}", role=agent.role)
    member = await _member(session, request, agent.id)
    return AgentAdded(**member.model_dump(), password=password)


@router.put("/{agent_id}", summary="Change an agent")
async def change_agent(
    agent_id: int, body: AgentChange, request: Request, session: SessionDep, principal: Admin
) -> TeamMember:
    """A change of role, or switching off, ends every session. The last administrator stays one."""
    before = await _member(session, request, agent_id)
    if before.role == "admin" and (body.role != "admin" or not body.is_active):
        await _keep_an_admin(session, agent_id)
    done = await session.scalar(
        update(Agent)
        .where(Agent.id == agent_id, Agent.version == body.version)
        .values(**body.model_dump(exclude={"version"}), version=Agent.version + 1)
        .returning(Agent.id)
    )
    if done is None:
        raise VersionConflict()
    if body.role != before.role or not body.is_active:
        await end_sessions(session, agent_id)
    await audit.record(
        session,
        principal.name,
        "agent.changed",
        f"agent:{agent_id}",
        role=body.role,
        is_active=body.is_active,
    )
    session.expire_all()
    return await _member(session, request, agent_id)


async def _keep_an_admin(session: AsyncSession, agent_id: int) -> None:
    others = select(Agent.id).where(Agent.role == "admin", Agent.is_active, Agent.id != agent_id)
    if not (await session.scalars(others.with_for_update())).all():
        raise Invalid("This is the last administrator. Make somebody else one first.")


@router.post("/{agent_id}/password", summary="Give an agent a new password")
async def reset_password(
    agent_id: int, request: Request, session: SessionDep, principal: Admin
) -> NewPassword:
    """Also removes the second factor, for an agent who lost the phone. Every session ends."""
    await _member(session, request, agent_id)
    agent = await session.get_one(Agent, agent_id)
    password = secrets.token_urlsafe(12)
    agent.password_hash = passwords.hash_password(password)
    agent.totp_sealed = agent.totp_pending_sealed = None
    await recovery_codes.forget(session, agent_id)
    await end_sessions(session, agent_id)
    await audit.record(session, principal.name, "agent.password_reset", f"agent:{agent_id}")
    return NewPassword(password=password)
