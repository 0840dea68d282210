"""Who opens a console socket: the session cookie says, and only our own page may bring it."""

from __future__ import annotations

from dataclasses import dataclass, field
from http.cookies import CookieError, SimpleCookie
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import select

from backend.core import clock
from backend.core.access import COOKIE, Agent, AgentSession, agent_of_session, agent_principal, hash_token
from backend.core.db import Database
from backend.core.settings import Settings


@dataclass
class SignedIn:
    """An agent's open page; `token_hash` names the session it lives by."""

    agent_id: int
    name: str
    token_hash: str
    may_write: bool
    watched: str | None = None
    typed_at: float = 0.0
    followed: set[str] = field(default_factory=set)


def is_own_page(environ: dict[str, Any], settings: Settings) -> bool:
    """Browsers tell where a socket was opened: it must be a page of this host."""
    origin = environ.get("HTTP_ORIGIN")
    if origin is None:
        return environ.get("HTTP_SEC_FETCH_SITE", "same-origin") in ("same-origin", "none")
    return urlsplit(origin).netloc in {environ.get("HTTP_HOST"), urlsplit(settings.base_url).netloc}


async def signed_in(environ: dict[str, Any], database: Database) -> SignedIn | None:
    """The agent behind the handshake's cookie; None when nobody is signed in or may not read tickets."""
    token = _cookie(environ.get("HTTP_COOKIE", ""))
    if not token:
        return None
    async with database.session() as session:
        agent = await agent_of_session(session, token)
    if agent is None:
        return None
    scopes = agent_principal(agent).scopes
    if "tickets:read" not in scopes:
        return None
    return SignedIn(agent.id, agent.name, hash_token(token), "tickets:write" in scopes)


async def living_sessions(database: Database, token_hashes: set[str]) -> set[str]:
    """Those of these sessions that have neither ended nor expired, of agents who are still active."""
    async with database.session() as session:
        found = await session.scalars(
            select(AgentSession.token_hash)
            .join(Agent, Agent.id == AgentSession.agent_id)
            .where(
                AgentSession.token_hash.in_(token_hashes),
                AgentSession.ended_at.is_(None),
                AgentSession.expires_at > clock.now(),
                Agent.is_active,
            )
        )
        return set(found)


def _cookie(header: str) -> str | None:
    try:
        morsel = SimpleCookie(header).get(COOKIE)
    except CookieError:
        return None
    return morsel.value if morsel else None
