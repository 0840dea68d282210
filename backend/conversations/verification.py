"""Proof of identity: phone on record and last four of the identity document, then a one-time code to that phone.

Every answer is the same whether the person exists or not, is locked or not: it follows from what was asked for before
with this phone as it was typed, never from the record. Codes: 6 digits, 5 minutes, 5 tries, then 15 minutes locked, per
contact and per claimed phone; one send a minute and five a day per phone. Who comes too early is told how long to wait.
"""

from __future__ import annotations

import secrets
import unicodedata
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.conversations import bindings
from backend.conversations.caller import Caller
from backend.conversations.door import reveal
from backend.conversations.models import Contact, Conversation, Verification, VerificationLock
from backend.conversations.outgoing import queue_code
from backend.core import clock
from backend.core.crypto import Vault
from backend.core.errors import Invalid
from backend.core.phones import phone_candidates
from backend.core.texts import say
from backend.customers.models import ID_NUMBER, Customer

CODE_LIFE = timedelta(minutes=5)
TRIES = 5
LOCK = timedelta(minutes=15)
RESEND_AFTER = timedelta(minutes=1)
SENDS_A_DAY = 5
DAY = timedelta(days=1)
OWN_DIGITS = 10
"""All that a typed phone may mean, with whatever country code, ends alike."""
CODE_PURPOSE = "outbound_messages.sealed_text"


@dataclass(frozen=True)
class Doorkeeper:
    """What verification needs beside the database: the vault, and the SMS account that codes leave from."""

    vault: Vault
    sms_account: str


@dataclass(frozen=True)
class ClaimedPhone:
    """A phone that somebody claims, and the person it belongs to if the document fits."""

    phone: str
    person: Customer | None


@dataclass(frozen=True)
class Started:
    """What is told of a request for a code: the phone, masked, and how long no code is sent to it, if it came early."""

    phone: str
    wait: timedelta | None


def masked(typed: str) -> str:
    """The phone as the customer typed it, its middle hidden."""
    digits = "".join(c for c in unicodedata.normalize("NFKC", typed) if c.isdigit())
    return f"{digits[:3]}****{digits[-4:]}"


def _subjects(caller_contact: int, phone_index: str) -> list[str]:
    return [f"contact:{caller_contact}", f"phone:{phone_index}"]


async def is_locked(session: AsyncSession, subjects: list[str]) -> bool:
    """Whether any of these had too many failures."""
    locked = await session.scalar(
        select(func.count()).where(
            VerificationLock.subject.in_(subjects), VerificationLock.locked_until > clock.now()
        )
    )
    return bool(locked)


async def _wait(session: AsyncSession, phone_index: str) -> timedelta | None:
    """How long it takes until the limits allow the next code; None when they do now."""
    now = clock.now()
    asked = await session.scalars(
        select(Verification.created_at)
        .where(
            Verification.phone_index == phone_index,
            Verification.was_sent,
            Verification.created_at > now - DAY,
        )
        .order_by(Verification.created_at.desc())
        .limit(SENDS_A_DAY)
    )
    times = list(asked)
    if len(times) == SENDS_A_DAY:
        return max(times[-1] + DAY, times[0] + RESEND_AFTER) - now
    if times and times[0] + RESEND_AFTER > now:
        return times[0] + RESEND_AFTER - now
    return None


async def _person(session: AsyncSession, vault: Vault, phones: list[str], last4: str) -> Customer | None:
    """The one customer with this phone whose identity document ends so; None for nobody and for two."""
    owners = await session.scalars(select(Customer).where(Customer.phone.in_(phones)))
    matching = [
        owner
        for owner in owners
        if owner.id_number_sealed and vault.open(owner.id_number_sealed, ID_NUMBER)[-4:].upper() == last4
    ]
    return matching[0] if len(matching) == 1 else None


async def start(
    session: AsyncSession, keeper: Doorkeeper, caller: Caller, phone: str, id_last4: str
) -> Started:
    """Send a code if this is a customer, nobody is locked and the limits allow; tells the limits alone.

    What a stranger or somebody locked asks for counts like a code that was sent: the limits tell nothing either.
    Raises `Invalid` when it cannot be a phone number or four characters.
    """
    revealed = await reveal(session, keeper.vault, caller.conversation_id, id_last4)
    last4 = unicodedata.normalize("NFKC", revealed).strip().upper()[-4:]
    phones = phone_candidates(phone)
    if not phones:
        raise Invalid("This cannot be a phone number.", field="phone")
    if len(last4) != 4 or not (last4.isascii() and last4.isalnum()):
        raise Invalid("Four characters are needed.", field="id_last4")
    phone_index = keeper.vault.blind_index(phones[0][-OWN_DIGITS:], "phone")
    await _serialise(session, phone_index)
    wait = await _wait(session, phone_index)
    if wait is None:
        locked = await is_locked(session, _subjects(caller.contact_id, phone_index))
        person = None if locked else await _person(session, keeper.vault, phones, last4)
        claim = ClaimedPhone(person.phone if person and person.phone else phones[0], person)
        await _issue(session, keeper, caller, claim, phone_index)
    return Started(masked(phone), wait)


async def _serialise(session: AsyncSession, phone_index: str) -> None:
    """Limits per phone hold under concurrency too: one at a time for each phone."""
    await session.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:k, 1))"), {"k": phone_index})


async def _issue(
    session: AsyncSession, keeper: Doorkeeper, caller: Caller, claim: ClaimedPhone, phone_index: str
) -> None:
    """Store the attempt, the same for an unknown or locked person, and queue the code for a known one."""
    now = clock.now()
    code = f"{secrets.randbelow(1_000_000):06d}"
    open_before = await session.scalars(
        select(Verification).where(
            Verification.contact_id == caller.contact_id, Verification.closed_at.is_(None)
        )
    )
    for earlier in open_before:
        earlier.closed_at = now
    attempt = Verification(
        contact_id=caller.contact_id,
        phone_index=phone_index,
        customer_id=claim.person.id if claim.person else None,
        code_hash=keeper.vault.blind_index(code, f"code.{caller.contact_id}"),
        was_sent=True,
        created_at=now,
        expires_at=now + CODE_LIFE,
    )
    session.add(attempt)
    conversation = await session.get_one(Conversation, caller.conversation_id, with_for_update=True)
    conversation.code_until = attempt.expires_at
    await session.flush()
    if claim.person is not None:
        language = conversation.language if conversation.language != "zh-Hant" else "zh-Hans"
        message = say("otp", language, code=code, minutes=int(CODE_LIFE.total_seconds() // 60))  # type: ignore[arg-type]
        sealed = keeper.vault.seal(message, CODE_PURPOSE)
        await queue_code(
            session,
            conversation,
            keeper.sms_account,
            claim.phone,
            sealed,
            attempt.expires_at,
            f"code:{attempt.id}",
        )


async def check(
    session: AsyncSession, keeper: Doorkeeper, caller: Caller, typed: str
) -> tuple[str, Customer | None]:
    """`verified` with the customer, now bound; or `wrong` or `expired`. A lock answers `wrong`."""
    revealed = await reveal(session, keeper.vault, caller.conversation_id, typed)
    code = "".join(c for c in unicodedata.normalize("NFKC", revealed) if c.isdigit())
    attempt = await session.scalar(
        select(Verification)
        .where(Verification.contact_id == caller.contact_id, Verification.closed_at.is_(None))
        .order_by(Verification.id.desc())
        .limit(1)
        .with_for_update()
    )
    if attempt is None or attempt.expires_at <= clock.now():
        locked = await is_locked(session, _subjects(caller.contact_id, ""))
        return ("wrong" if locked else "expired"), None
    subjects = _subjects(caller.contact_id, attempt.phone_index)
    if await is_locked(session, subjects):
        return "wrong", None
    attempt.tries += 1
    right = secrets.compare_digest(
        attempt.code_hash, keeper.vault.blind_index(code, f"code.{caller.contact_id}")
    )
    if not right or attempt.customer_id is None:
        await _count_failure(session, attempt, subjects)
        return "wrong", None
    attempt.closed_at = clock.now()
    return "verified", await _bind(session, caller, attempt.customer_id, subjects)


async def _bind(session: AsyncSession, caller: Caller, customer_id: int, subjects: list[str]) -> Customer:
    for lock in await session.scalars(select(VerificationLock).where(VerificationLock.subject.in_(subjects))):
        lock.failures = 0
    contact = await session.get_one(Contact, caller.contact_id)
    conversation = await session.get_one(Conversation, caller.conversation_id, with_for_update=True)
    conversation.code_until = None
    await bindings.bind(session, contact, customer_id)
    return await session.get_one(Customer, customer_id)


async def _count_failure(session: AsyncSession, attempt: Verification, subjects: list[str]) -> None:
    """Five failures lock both the contact and the claimed phone, and void the code."""
    await note_failure(session, subjects, LOCK)
    if attempt.tries >= TRIES:
        attempt.closed_at = clock.now()


async def note_failure(session: AsyncSession, subjects: list[str], locked_for: timedelta) -> None:
    """Count a failure of each; the fifth within `locked_for` locks it for so long."""
    now = clock.now()
    for subject in sorted(subjects):
        lock = await session.get(VerificationLock, subject, with_for_update=True)
        if lock is None:
            lock = VerificationLock(subject=subject, failures=0)
            session.add(lock)
        if lock.last_failed_at and lock.last_failed_at < now - locked_for:
            lock.failures = 0
        lock.failures += 1
        lock.last_failed_at = now
        if lock.failures >= TRIES:
            lock.failures, lock.locked_until = 0, now + locked_for
