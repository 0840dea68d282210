"""Passwords by argon2, one-time codes by TOTP."""

from __future__ import annotations

import asyncio
from functools import cache

import pyotp
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

HASHER = PasswordHasher()
CODE_HASHER = PasswordHasher(time_cost=1, memory_cost=8192, parallelism=1)
TOTP_SECRET = "agents.totp"  # noqa: S105 - what sealed TOTP secrets are bound to


@cache
def _nobodys_hash() -> str:
    return HASHER.hash("nobody has this password")


def hash_password(password: str) -> str:
    """The argon2id hash to store."""
    return HASHER.hash(password)


def hash_code(code: str) -> str:
    """The argon2id hash of a random code, too long to be guessed: cheaper than a password's."""
    return CODE_HASHER.hash(code)


def _matches(stored: str, password: str) -> bool:
    try:
        return HASHER.verify(stored, password)
    except (VerificationError, InvalidHashError):
        return False


async def is_password(stored: str | None, password: str) -> bool:
    """Whether `password` belongs to the hash; takes as long without a hash (an unknown user), and says no."""
    # Hashing takes tens of milliseconds: not in the event loop.
    is_match = await asyncio.to_thread(_matches, stored or _nobodys_hash(), password)
    return is_match and stored is not None


def is_totp(secret: str, code: str) -> bool:
    """Whether `code` is the one of now or of the 30 seconds before or after."""
    return pyotp.TOTP(secret).verify("".join(code.split()), valid_window=1)
