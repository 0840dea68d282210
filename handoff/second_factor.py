"""The second factor: an authenticator app is enrolled by a QR code, and asked for its code from then on."""

from __future__ import annotations

import io
from typing import Annotated

import pyotp
import segno
from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, Field, SecretStr
from sqlalchemy.ext.asyncio import AsyncSession

from backend.core import audit
from backend.core.access import Agent, Principal, get_principal
from backend.core.db import SessionDep
from backend.core.errors import Conflict, Forbidden
from handoff import attempts, passwords, recovery_codes
from handoff.sign_in import AttemptsDep, OtpWrong, WrongCredentials, check_totp, refuse_guessing

router = APIRouter(prefix="/api/v1/auth/totp", tags=["sign-in"])
ISSUER = "Anda"


class NotEnrolled(Conflict):
    """There is no second factor to confirm or to remove."""

    code = "not_enrolled"


class Enrolment(BaseModel):
    """To show once: a picture for the app's camera, and the same as text to type."""

    secret: str
    uri: str
    svg: str = Field(description="The QR code of `uri`.")


class Code(BaseModel):
    otp: str = Field(min_length=6, max_length=20, examples=["123456"])


class Removal(BaseModel):
    """Whoever removes it must know the password too: an unattended desk is not enough."""

    password: Annotated[SecretStr, Field(max_length=1000)]


class SecondFactor(BaseModel):
    is_on: bool
    recovery_codes_left: int = Field(examples=[10], description="How many were not used yet.")


class NewRecoveryCodes(SecondFactor):
    """Each signs in once in place of the app's code; those made before do not any more."""

    recovery_codes: list[str] = Field(examples=[["k7wd-2mpx-9rtc"]], description="Shown this once.")


async def own_agent(
    session: SessionDep, principal: Annotated[Principal, Depends(get_principal, scope="function")]
) -> Agent:
    """The signed-in agent; tokens of other systems have no second factor."""
    if principal.agent_id is None:
        raise Forbidden("Only an agent who is signed in can do this.")
    return await session.get_one(Agent, principal.agent_id)


OwnAgent = Annotated[Agent, Depends(own_agent, scope="function")]


@router.get("", summary="Whether the second factor is on")
async def read_second_factor(session: SessionDep, agent: OwnAgent) -> SecondFactor:
    """Of the signed-in agent."""
    return SecondFactor(
        is_on=agent.totp_sealed is not None, recovery_codes_left=await recovery_codes.left(session, agent.id)
    )


@router.post("", summary="Begin to enrol an authenticator app")
async def begin_enrolment(request: Request, agent: OwnAgent) -> Enrolment:
    """Makes a new secret; nothing changes at sign-in until a code of it is confirmed."""
    if agent.totp_sealed is not None:
        raise Conflict("A second factor is on already. Remove it first.")
    secret = pyotp.random_base32()
    agent.totp_pending_sealed = request.app.state.vault.seal(secret, passwords.TOTP_SECRET)
    uri = pyotp.TOTP(secret).provisioning_uri(name=agent.username, issuer_name=ISSUER)
    picture = io.BytesIO()
    segno.make(uri, error="m").save(picture, kind="svg", scale=5, border=2, xmldecl=False, svgns=True)
    return Enrolment(secret=secret, uri=uri, svg=picture.getvalue().decode())


@router.post("/confirm", summary="Confirm the app by a first code")
async def confirm_enrolment(
    body: Code, request: Request, session: SessionDep, agent: OwnAgent, counters: AttemptsDep
) -> NewRecoveryCodes:
    """From now on sign-in asks for the app's code; the answer has the recovery codes, for when it is out of reach."""
    if agent.totp_pending_sealed is None:
        raise NotEnrolled("Begin the enrolment first.")
    secret = request.app.state.vault.open(agent.totp_pending_sealed, passwords.TOTP_SECRET)
    is_right = passwords.is_totp(secret, body.otp)
    if not is_right or not await counters.count(attempts.CODE_USE, str(agent.id), body.otp):
        raise OtpWrong("This code is not right. Check the clock of your phone, and enter the next one.")
    agent.totp_sealed, agent.totp_pending_sealed = agent.totp_pending_sealed, None
    await _record(session, agent, "on")
    return await _new_codes(session, agent)


@router.post("/recovery-codes", summary="Make the recovery codes anew")
async def renew_recovery_codes(
    body: Code, request: Request, session: SessionDep, agent: OwnAgent, counters: AttemptsDep
) -> NewRecoveryCodes:
    """Needs the app's current code; wrong ones count towards the lock of the username. Earlier codes end."""
    if agent.totp_sealed is None:
        raise NotEnrolled("Switch the second factor on first.")
    username = agent.username.lower()
    address = request.client.host if request.client else ""
    await refuse_guessing(counters, request.app.state.settings, username, address)
    await check_totp(request, counters, agent, body.otp)
    await counters.forget(attempts.USERNAME, username)
    await audit.record(session, agent.username, "agent.recovery_codes_renewed", f"agent:{agent.id}")
    return await _new_codes(session, agent)


async def _new_codes(session: AsyncSession, agent: Agent) -> NewRecoveryCodes:
    codes = await recovery_codes.renew(session, agent.id)
    return NewRecoveryCodes(is_on=True, recovery_codes_left=len(codes), recovery_codes=codes)


@router.post("/remove", summary="Remove the second factor")
async def remove_second_factor(body: Removal, session: SessionDep, agent: OwnAgent) -> SecondFactor:
    """Needs the password."""
    if not await passwords.is_password(agent.password_hash, body.password.get_secret_value()):
        raise WrongCredentials("The password is not right.")
    agent.totp_sealed = agent.totp_pending_sealed = None
    await recovery_codes.forget(session, agent.id)
    await _record(session, agent, "off")
    return SecondFactor(is_on=False, recovery_codes_left=0)


async def _record(session: AsyncSession, agent: Agent, state: str) -> None:
    await audit.record(session, agent.username, "agent.second_factor", f"agent:{agent.id}", state=state)
