"""Agents sign in with a password and, when set, a one-time code; a session lasts one shift."""

from __future__ import annotations

import logging
import secrets
from datetime import timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, Field, SecretStr
from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from backend.core import audit, clock
from backend.core.access import (
    COOKIE,
    Agent,
    AgentSession,
    agent_of_session,
    agent_principal,
    check_browser_write,
    hash_token,
)
from backend.core.db import SessionDep
from backend.core.errors import TooManyRequests, Unauthenticated
from backend.core.settings import Settings
from handoff import attempts, passwords, recovery_codes
from handoff.attempts import Attempts

log = logging.getLogger(__name__)

SESSION_LASTS = timedelta(hours=12)

router = APIRouter(prefix="/api/v1/auth", tags=["sign-in"])


class WrongCredentials(Unauthenticated):
    """No active agent has this username and password; does not say which of the two is wrong."""

    code = "wrong_credentials"


class OtpRequired(Unauthenticated):
    """The password is right; the code of the agent's authenticator is missing."""

    code = "otp_required"


class OtpWrong(Unauthenticated):
    code = "otp_wrong"


class SignIn(BaseModel):
    username: Annotated[str, Field(min_length=1, max_length=200)]
    password: Annotated[SecretStr, Field(max_length=1000)]
    otp: Annotated[
        str | None, Field(max_length=20, description="The app's six digits, or a recovery code.")
    ] = None


class AgentRead(BaseModel):
    """The signed-in agent, and the rights the page may offer."""

    id: int
    username: str
    name: str
    role: str
    skills: list[Any]
    languages: list[Any]
    scopes: list[str]
    timezone: str = Field(
        description="The insurer's zone: dates are days there, wherever the browser is.",
        examples=["Asia/Shanghai"],
    )


def _agent_read(agent: Agent, settings: Settings) -> AgentRead:
    return AgentRead(
        id=agent.id,
        username=agent.username,
        name=agent.name,
        role=agent.role,
        skills=agent.skills,
        languages=agent.languages,
        scopes=sorted(agent_principal(agent).scopes),
        timezone=settings.timezone,
    )


def get_attempts(request: Request) -> Attempts:
    """This process's counters, made at the first sign-in."""
    state = request.app.state
    if not hasattr(state, "sign_in_attempts"):
        state.sign_in_attempts = Attempts(state.settings.redis_url)
    counters: Attempts = state.sign_in_attempts
    return counters


AttemptsDep = Annotated[Attempts, Depends(get_attempts)]


@router.post("/login", dependencies=[Depends(check_browser_write)])
async def login(
    body: SignIn, request: Request, response: Response, session: SessionDep, counters: AttemptsDep
) -> AgentRead:
    """Set the session cookie; `otp` is the app's code or an unused recovery code. 401 `wrong_credentials`,
    `otp_required` or `otp_wrong`, 429 while locked."""
    username, address = body.username.strip().lower(), request.client.host if request.client else ""
    await refuse_guessing(counters, request.app.state.settings, username, address)
    try:
        agent = await _known_agent(session, username, body.password.get_secret_value())
        await _check_code(request, session, counters, agent, body.otp)
    except (WrongCredentials, OtpWrong):
        await counters.count(attempts.ADDRESS, address)
        log.warning("sign_in_failed")
        raise
    await counters.forget(attempts.USERNAME, username)
    await _end_session(session, request.cookies.get(COOKIE))
    await audit.record(session, agent.username, "agent.signed_in", f"agent:{agent.id}")
    _set_cookie(response, request.app.state.settings, _new_session(session, agent, request))
    return _agent_read(agent, request.app.state.settings)


@router.post("/logout", status_code=204, dependencies=[Depends(check_browser_write)])
async def logout(request: Request, response: Response, session: SessionDep) -> None:
    """End this browser's session; says nothing about whether there was one."""
    await _end_session(session, request.cookies.get(COOKIE))
    response.delete_cookie(COOKIE, path="/")


@router.get("/me")
async def me(request: Request, session: SessionDep) -> AgentRead:
    """The signed-in agent; 401 when nobody is."""
    cookie = request.cookies.get(COOKIE)
    agent = await agent_of_session(session, cookie) if cookie else None
    if agent is None:
        raise Unauthenticated("Please sign in.")
    return _agent_read(agent, request.app.state.settings)


async def refuse_guessing(counters: Attempts, settings: Settings, username: str, address: str) -> None:
    """Count this attempt of the username; raises `TooManyRequests` when it, or the address, had too many."""
    # Counted before the password is looked at: many tries at once share the five as well.
    if not await counters.count(attempts.USERNAME, username):
        wait = await counters.seconds_left(attempts.USERNAME, username)
        raise TooManyRequests("Too many attempts for this username. Please wait.", retry_after=wait)
    if settings.rate_limits != "off" and not await counters.has_room(attempts.ADDRESS, address):
        wait = await counters.seconds_left(attempts.ADDRESS, address)
        raise TooManyRequests("Too many failed attempts from this address. Please wait.", retry_after=wait)


async def _known_agent(session: AsyncSession, username: str, password: str) -> Agent:
    agent = await session.scalar(select(Agent).where(func.lower(Agent.username) == username, Agent.is_active))
    if not await passwords.is_password(agent.password_hash if agent else None, password) or agent is None:
        raise WrongCredentials("The username or the password is not right.")
    return agent


async def _check_code(
    request: Request, session: AsyncSession, counters: Attempts, agent: Agent, code: str | None
) -> None:
    if agent.totp_sealed is None:
        return
    if not code:
        raise OtpRequired("Enter the code of your authenticator app.")
    if recovery_codes.looks_like_one(code):
        await _use_recovery_code(session, agent, code)
    else:
        await check_totp(request, counters, agent, code)


async def check_totp(request: Request, counters: Attempts, agent: Agent, code: str) -> None:
    """Raises `OtpWrong` unless it is the current code of the agent's app, not used before."""
    secret = request.app.state.vault.open(agent.totp_sealed, passwords.TOTP_SECRET)
    is_right = passwords.is_totp(secret, code)
    # A code that was read over a shoulder must not sign in a second time.
    if not is_right or not await counters.count(attempts.CODE_USE, str(agent.id), code):
        raise OtpWrong("This code is not right or was used already. Wait for the next one.")


async def _use_recovery_code(session: AsyncSession, agent: Agent, code: str) -> None:
    if not await recovery_codes.use(session, agent.id, code):
        raise OtpWrong("This recovery code is not right or was used already.")
    left = await recovery_codes.left(session, agent.id)
    await audit.record(session, agent.username, "agent.recovery_code_used", f"agent:{agent.id}", left=left)


def _new_session(session: AsyncSession, agent: Agent, request: Request) -> str:
    token, now = secrets.token_urlsafe(32), clock.now()
    session.add(
        AgentSession(
            agent_id=agent.id,
            token_hash=hash_token(token),
            browser=request.headers.get("user-agent", "")[:200],
            created_at=now,
            expires_at=now + SESSION_LASTS,
        )
    )
    return token


async def _end_session(session: AsyncSession, cookie: str | None) -> None:
    if cookie:
        await session.execute(
            update(AgentSession)
            .where(AgentSession.token_hash == hash_token(cookie), AgentSession.ended_at.is_(None))
            .values(ended_at=clock.now())
        )


def _set_cookie(response: Response, settings: Settings, token: str) -> None:
    response.set_cookie(
        COOKIE,
        token,
        max_age=int(SESSION_LASTS.total_seconds()),
        path="/",
        httponly=True,
        samesite="lax",
        secure=settings.base_url.startswith("https://"),
    )
