"""Erasure: a person's content goes, the counts stay (articles 44 to 47 of the PIPL; retention of contracts first)."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import JSON, String, Table, cast, delete, func, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from backend.claims.models import Claim, Stage
from backend.conversations.bindings import unbind
from backend.core import audit, business, clock, files
from backend.core.db import Base
from backend.core.errors import Conflict, NotFound
from backend.customers.models import Customer
from backend.policies.models import IN_FORCE, Policy
from backend.privacy.owners import Owners, owners_of
from backend.privacy.personal import ERASED, FILES, HELD, RECORD_ONLY, Held
from backend.tickets.models import Ticket, TicketStatus

FINISHED = (Stage.PAID, Stage.DECLINED, Stage.WITHDRAWN, Stage.CLOSED)


class StillNeeded(Conflict):
    """The contract or the law still needs the data; `reasons` says why."""

    code = "still_needed"


async def reasons_to_keep(session: AsyncSession, customer_id: int, today: date) -> list[str]:
    """Why the whole person cannot be erased yet; empty when nothing stands against it."""
    years = await business.setting(session, "retention_years_of_contracts")
    policies = select(Policy).where(Policy.holder_id == customer_id)
    found = {
        "policy_in_force": policies.where(Policy.status.in_(IN_FORCE)),
        "contract_within_retention": policies.where(Policy.end_date > today - timedelta(days=365 * years)),
        "open_claim": select(Claim).where(Claim.customer_id == customer_id, Claim.stage.not_in(FINISHED)),
        "open_ticket": select(Ticket).where(
            Ticket.customer_id == customer_id, Ticket.status != TicketStatus.RESOLVED
        ),
    }
    return [reason for reason, query in found.items() if await session.scalar(select(query.exists()))]


async def erase(
    session: AsyncSession, customer_id: int, actor: str, *, whole: bool, today: date
) -> tuple[dict[str, int], list[str]]:
    """Erase the person, or with `whole=False` what was said only. Gives rows by table and files to remove after commit.

    Raises `NotFound` and, for the whole person, `StillNeeded`.
    """
    customer = await session.get(Customer, customer_id, with_for_update=True)
    if customer is None:
        raise NotFound("There is no such customer.")
    if whole and (reasons := await reasons_to_keep(session, customer_id, today)):
        raise StillNeeded("The contract or the law still needs this person's data.", reasons=reasons)
    owners = await owners_of(session, customer_id)
    names = await _files(session, owners, whole=whole)
    counts: dict[str, int] = {}
    for held in HELD if whole else (one for one in HELD if one.table in RECORD_ONLY):
        counts[held.table] = counts.get(held.table, 0) + await _erase(session, held, owners[held.owner])
    counts["trackers"] = await _erase_trackers(session, owners["tracker"])
    if whole:
        customer.erased_at = clock.now()
        for contact_id in owners["contact"]:
            await unbind(session, contact_id, "erased")
    action = "customer.erased" if whole else "customer.record_erased"
    await audit.record(session, actor, action, f"customer:{customer_id}", rows=sum(counts.values()))
    return counts, names


def remove_files(data_dir: Path, names: list[str]) -> None:
    """After the commit: a file that stays behind for a moment is better than a row without its file."""
    for name in names:
        files.remove(data_dir, name)


async def _files(session: AsyncSession, owners: Owners, *, whole: bool) -> list[str]:
    names: list[str] = []
    for table_name, column, owner, named in FILES:
        if not whole and table_name not in RECORD_ONLY:
            continue
        table = Base.metadata.tables[table_name]
        rows = select(table.c[named]).where(table.c[column].in_(owners[owner]), table.c[named].is_not(None))
        names += list((await session.scalars(rows)).all())
    return names


def affected(result: Any) -> int:
    """How many rows a statement changed."""
    return int(result.rowcount)


async def _erase(session: AsyncSession, held: Held, ids: list[Any]) -> int:
    if held.empties == () or not ids:
        return 0
    table = Base.metadata.tables[held.table]
    belongs = table.c[held.column].in_(ids)
    change: Any = (
        delete(table).where(belongs)
        if held.empties is None
        else update(table).where(belongs).values(emptied(table, held.empties))
    )
    return affected(await session.execute(change))


def emptied(table: Table, columns: tuple[str, ...]) -> dict[str, Any]:
    """What erasure leaves of these columns: null where it may be, else nothing of their type."""
    return {name: _nothing(table, table.c[name]) for name in columns}


def _nothing(table: Table, column: Any) -> Any:
    if column.nullable:
        return None
    if isinstance(column.type, JSON):
        return {}
    if column.name == "external_id":  # unique: no two may be alike
        return func.concat("erased:", cast(table.c.id, String))
    return ERASED if column.name in ("name", "insured_name", "recipient") else ""


async def _erase_trackers(session: AsyncSession, sender_ids: list[str]) -> int:
    """The bot keeps what was said in a schema of its own; it is not there before the bot ran once."""
    if await session.scalar(text("SELECT to_regclass('rasa.events')")) is None:
        return 0
    done = await session.execute(
        text("DELETE FROM rasa.events WHERE sender_id = ANY(:ids)"), {"ids": sender_ids}
    )
    return affected(done)
