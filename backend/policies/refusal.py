"""What is not theirs answers exactly like what does not exist, and is audited."""

from __future__ import annotations

from fastapi.responses import JSONResponse
from sqlalchemy.ext.asyncio import AsyncSession

from backend.conversations.caller import Caller
from backend.core import audit
from backend.core.errors import NotFound, problem_response
from backend.core.numbers import is_number, tidy_number

PREFIXES = {"policy": "P", "claim": "C"}


async def refuse(
    session: AsyncSession, caller: Caller, kind: str, typed: str, *, exists: bool
) -> JSONResponse:
    """The 404 for a `policy` or `claim` number that this caller may not see; the attempt is on the audit log.

    Returned, not raised: raising would roll the audit entry back.
    """
    number = tidy_number(typed, PREFIXES[kind])
    # Anything but a number of ours may be somebody's data, which the audit log must not hold.
    target = f"{kind}:{number}" if is_number(number, PREFIXES[kind]) else f"{kind}:malformed"
    await audit.record(session, f"contact:{caller.contact_id}", f"{kind}.read_refused", target, exists=exists)
    return problem_response(NotFound.status_code, NotFound.code, f"There is no such {kind}.")
