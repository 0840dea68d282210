"""One field that finds a person by whatever an agent has at hand."""

from __future__ import annotations

import re
import unicodedata

from sqlalchemy import Select, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.claims.models import Claim
from backend.core.crypto import Vault
from backend.core.numbers import is_number, tidy_number
from backend.core.phones import phone_candidates
from backend.customers.models import ID_NUMBER, Customer, tidy_id_number
from backend.policies.models import Policy
from backend.tickets.models import Ticket

MOST = 50
# Identity documents: letters and digits, at least seven of them.
DOCUMENT = re.compile(r"[A-Z]{0,3}[0-9]{6,17}[0-9X]")


async def search(session: AsyncSession, vault: Vault, typed: str) -> tuple[list[Customer], str]:
    """The customers that `typed` may mean, at most `MOST`, and how they were found.

    The first way that finds somebody wins: number, phone, identity number, name.
    """
    plain = unicodedata.normalize("NFKC", typed).strip()
    for way, query in _ways(vault, plain):
        found = list(await session.scalars(query.order_by(Customer.name, Customer.id).limit(MOST)))
        if found:
            return found, way
    return [], "nothing"


def _ways(vault: Vault, plain: str) -> list[tuple[str, Select[Customer]]]:
    ways = []
    number = tidy_number(plain, "P")
    holders = {
        "P": select(Policy.holder_id).where(Policy.number == number),
        "C": select(Claim.customer_id).where(Claim.number == number),
        "T": select(Ticket.customer_id).where(Ticket.number == number),
    }
    for prefix, holder in holders.items():
        if is_number(number, prefix):
            ways.append(("number", select(Customer).where(Customer.id.in_(holder))))
    if phones := phone_candidates(plain):
        ways.append(("phone", select(Customer).where(Customer.phone.in_(phones))))
    document = tidy_id_number(plain)
    if DOCUMENT.fullmatch(document):
        index = vault.blind_index(document, ID_NUMBER)
        ways.append(("id_number", select(Customer).where(Customer.id_number_index == index)))
    ways.append(("external_id", select(Customer).where(Customer.external_id == plain)))
    starts = or_(
        Customer.name.startswith(plain, autoescape=True),
        func.lower(Customer.latin_name).contains(plain.lower(), autoescape=True),
    )
    ways.append(("name", select(Customer).where(starts)))
    return ways
