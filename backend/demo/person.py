"""A demo person with everything they own."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from backend.core.crypto import Vault
from backend.customers.models import Customer, Gender, IdType
from backend.demo.specs import ClaimSpec, PolicySpec


@dataclass(frozen=True)
class Person:
    """Who they are, what they hold, what they claimed; `channel` is where they are at home."""

    number: str
    name: str
    latin_name: str
    gender: Gender
    birth_date: date
    phone: str
    language: str
    channel: str
    id_type: IdType
    id_number: str
    region: str
    address: str
    policies: tuple[PolicySpec, ...] = ()
    claims: tuple[ClaimSpec, ...] = ()
    try_this: str = ""

    @property
    def last4(self) -> str:
        return self.id_number[-4:]


def customer_row(person: Person, vault: Vault) -> Customer:
    """The customer, the identity number sealed."""
    customer = Customer(
        name=person.name,
        latin_name=person.latin_name,
        gender=person.gender,
        birth_date=person.birth_date,
        phone=person.phone,
        email=f"{person.latin_name.lower().replace(' ', '.').replace('ü', 'u')}@example.com",
        address=person.address,
        region=person.region,
        language=person.language,
        id_type=person.id_type,
        source="demo",
        external_id=person.number,
    )
    customer.set_id_number(vault, person.id_number)
    return customer
