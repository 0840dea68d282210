"""Recovery codes: each signs an agent in once when the authenticator app is out of reach."""

from __future__ import annotations

import asyncio
import secrets

from sqlalchemy import delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from backend.core import clock
from backend.core.access import RecoveryCode
from handoff import passwords

COUNT = 10
GROUPS, LETTERS_IN_GROUP = 3, 4
# No letter or digit that is easily taken for another one; 59 bits a code.
ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"


def looks_like_one(code: str) -> bool:
    """Whether it has the length of a recovery code, which no app's code has."""
    return len(_plain(code)) == GROUPS * LETTERS_IN_GROUP


async def renew(session: AsyncSession, agent_id: int) -> list[str]:
    """New codes in place of all earlier ones; only here can they be read."""
    await forget(session, agent_id)
    codes = [_new_code() for _ in range(COUNT)]
    # Hashing takes its time: not in the event loop.
    hashes = await asyncio.to_thread(lambda: [passwords.hash_code(_plain(code)) for code in codes])
    now = clock.now()
    session.add_all(RecoveryCode(agent_id=agent_id, code_hash=one, created_at=now) for one in hashes)
    return codes


async def use(session: AsyncSession, agent_id: int, code: str) -> bool:
    """Use the code up; False when it is none of the agent's, or was used before."""
    unused = (RecoveryCode.agent_id == agent_id, RecoveryCode.used_at.is_(None))
    for row in (await session.scalars(select(RecoveryCode).where(*unused))).all():
        if await passwords.is_password(row.code_hash, _plain(code)):
            # Two browsers at once: one of them wins.
            mine = update(RecoveryCode).where(RecoveryCode.id == row.id, *unused).values(used_at=clock.now())
            return await session.scalar(mine.returning(RecoveryCode.id)) is not None
    return False


async def left(session: AsyncSession, agent_id: int) -> int:
    """How many codes the agent has not used yet."""
    unused = select(func.count()).where(RecoveryCode.agent_id == agent_id, RecoveryCode.used_at.is_(None))
    return await session.scalar(unused) or 0


async def forget(session: AsyncSession, agent_id: int) -> None:
    """None of the agent's codes signs in any more."""
    await session.execute(delete(RecoveryCode).where(RecoveryCode.agent_id == agent_id))


def _new_code() -> str:
    groups = ("".join(secrets.choice(ALPHABET) for _ in range(LETTERS_IN_GROUP)) for _ in range(GROUPS))
    return "-".join(groups)


def _plain(code: str) -> str:
    return "".join(letter for letter in code.lower() if letter.isalnum())
