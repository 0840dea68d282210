"""Who calls the API: an agent's session, a scoped token, or one of our own processes; and what each may do."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any
from urllib.parse import urlsplit

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from sqlalchemy import ForeignKey, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from backend.core import clock
from backend.core.db import Base, SessionDep
from backend.core.errors import Forbidden, Unauthenticated
from backend.core.settings import Settings

COOKIE = "anda_session"
# Names the token for /docs and generated clients; refusing is ours, as a browser comes with a cookie instead.
BEARER = HTTPBearer(
    scheme_name="token",
    description="Made by an administrator at `POST /api/v1/tokens`, with the scopes it needs: see docs/api.md.",
    auto_error=False,
)


class Role(StrEnum):
    AGENT = "agent"
    SUPERVISOR = "supervisor"
    ADMIN = "admin"
    AUDITOR = "auditor"
    SERVICE = "service"


READ = frozenset(
    f"{area}:read"
    for area in (
        "customers",
        "policies",
        "claims",
        "interactions",
        "tickets",
        "tasks",
        "changes",
        "notices",
        "articles",
        "segments",
    )
)
DESK = READ | {
    "customers:write",
    "customers:reveal",
    "claims:write",
    "interactions:write",
    "tickets:write",
    "tasks:write",
    "changes:write",
}
SCOPES: dict[Role, frozenset[str]] = {
    Role.AUDITOR: READ | {"audit:read", "reports:read"},
    Role.AGENT: DESK,
    Role.SUPERVISOR: DESK
    | {
        "policies:write",
        "claims:decide",
        "claims:pay",
        "tickets:assign",
        "changes:approve",
        "articles:write",
        "notices:write",
        "segments:write",
        "imports:write",
        "reports:read",
        "dead_letters:write",
        "review:read",
        "review:write",
    },
    Role.SERVICE: READ | {"claims:write", "policies:write", "customers:write", "bot"},
}
SCOPES[Role.ADMIN] = frozenset().union(*SCOPES.values()) - {"bot"} | {
    "agents:write",
    "settings:write",
    "tokens:write",
    "privacy:write",  # erasure and the export of one person's data
    "webhooks:write",
}


class Agent(Base):
    """A human who signs in to the console."""

    __tablename__ = "agents"
    id: Mapped[int] = mapped_column(primary_key=True)
    username: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    role: Mapped[str] = mapped_column(default=Role.AGENT)
    password_hash: Mapped[str]
    totp_sealed: Mapped[str | None] = mapped_column(info={"sealed": "agents.totp"})
    # A new authenticator app that was not confirmed by a first code yet.
    totp_pending_sealed: Mapped[str | None] = mapped_column(info={"sealed": "agents.totp"})
    skills: Mapped[list[Any]] = mapped_column(default=list)
    languages: Mapped[list[Any]] = mapped_column(default=list)
    is_active: Mapped[bool] = mapped_column(default=True)
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())


class AgentSession(Base):
    """A signed-in browser; only the hash of its cookie is stored."""

    __tablename__ = "agent_sessions"
    id: Mapped[int] = mapped_column(primary_key=True)
    agent_id: Mapped[int] = mapped_column(ForeignKey("agents.id", ondelete="CASCADE"), index=True)
    token_hash: Mapped[str] = mapped_column(unique=True)
    browser: Mapped[str | None]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class RecoveryCode(Base):
    """Signs an agent in once, in place of the authenticator app's code; only its hash is stored."""

    __tablename__ = "recovery_codes"
    id: Mapped[int] = mapped_column(primary_key=True)
    agent_id: Mapped[int] = mapped_column(ForeignKey("agents.id", ondelete="CASCADE"), index=True)
    code_hash: Mapped[str]
    created_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class ApiToken(Base):
    """A token of another system; only its hash is stored."""

    __tablename__ = "api_tokens"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    token_hash: Mapped[str] = mapped_column(unique=True)
    scopes: Mapped[list[Any]]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    revoked_at: Mapped[datetime | None]


@dataclass(frozen=True)
class Principal:
    """Who makes this request: an agent (with id), a token, or one of our own processes."""

    name: str
    role: Role
    scopes: frozenset[str]
    agent_id: int | None = None

    @property
    def actor(self) -> str:
        """How the audit log names the caller."""
        return self.name if self.agent_id is None else f"agent:{self.agent_id}"


def hash_token(token: str) -> str:
    """Tokens are random and long, so a plain SHA-256 is enough to store them by."""
    return hashlib.sha256(token.encode()).hexdigest()


async def agent_of_session(session: AsyncSession, cookie: str) -> Agent | None:
    """The active agent whose unexpired session this cookie names."""
    return await session.scalar(
        select(Agent)
        .join(AgentSession, AgentSession.agent_id == Agent.id)
        .where(
            AgentSession.token_hash == hash_token(cookie),
            AgentSession.ended_at.is_(None),
            AgentSession.expires_at > clock.now(),
            Agent.is_active,
        )
    )


def agent_principal(agent: Agent) -> Principal:
    role = Role(agent.role)
    return Principal(agent.username, role, SCOPES[role], agent.id)


def _is_own_origin(request: Request, settings: Settings) -> bool:
    """A browser's write with a cookie must come from our own page: Origin (or Sec-Fetch-Site) tells."""
    origin = request.headers.get("origin")
    if origin is None:
        return request.headers.get("sec-fetch-site", "same-origin") in ("same-origin", "none")
    return urlsplit(origin).netloc in {request.headers.get("host"), urlsplit(settings.base_url).netloc}


def check_browser_write(request: Request) -> None:
    """Cookie sessions need a JSON body and the same origin; raises `Forbidden` (cross-site request forgery)."""
    if request.method in ("GET", "HEAD", "OPTIONS"):
        return
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind not in ("application/json", "multipart/form-data") and int(
        request.headers.get("content-length") or 0
    ):
        raise Forbidden("Send JSON.")
    if kind == "multipart/form-data" and not request.headers.get("origin"):
        raise Forbidden("Uploads must come from our own page.")
    if not _is_own_origin(request, request.app.state.settings):
        raise Forbidden("This request came from another site.")


async def _principal_of_token(session: AsyncSession, settings: Settings, token: str) -> Principal:
    if hmac.compare_digest(token.encode(), settings.service_token.get_secret_value().encode()):
        return Principal("service", Role.SERVICE, SCOPES[Role.SERVICE])
    known = await session.scalar(
        select(ApiToken).where(ApiToken.token_hash == hash_token(token), ApiToken.revoked_at.is_(None))
    )
    if known is None:
        raise Unauthenticated("This token is not known.")
    return Principal(f"token:{known.name}", Role.SERVICE, frozenset(known.scopes))


async def get_principal(
    request: Request,
    session: SessionDep,
    given: Annotated[HTTPAuthorizationCredentials | None, Depends(BEARER)],
) -> Principal:
    """Who calls; raises `Unauthenticated`."""
    if given is not None:
        return await _principal_of_token(session, request.app.state.settings, given.credentials)
    cookie = request.cookies.get(COOKIE)
    agent = await agent_of_session(session, cookie) if cookie else None
    if agent is None:
        raise Unauthenticated("Please sign in.")
    check_browser_write(request)
    return agent_principal(agent)


PrincipalDep = Annotated[Principal, Depends(get_principal, scope="function")]


class Allowed:
    """A route's dependency: the caller must hold `scope`; gives the principal. Raises `Forbidden`."""

    def __init__(self, scope: str) -> None:
        self.scope = scope

    def __call__(self, principal: PrincipalDep) -> Principal:
        if self.scope not in principal.scopes:
            raise Forbidden(f"This needs the right {self.scope}.")
        return principal
