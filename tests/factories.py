"""Plain functions that make what a test needs; each commits, so that every process sees it."""

from __future__ import annotations

import secrets
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from backend.conversations.intake import IncomingMessage, Receipt, receive
from backend.core.access import Agent
from backend.core.crypto import Vault
from backend.customers.models import Customer

# Of nobody: the administrative area 999999 does not exist, and the check digit is wrong.
ID_NUMBER = "999999199001011235"


async def make_customer(session: AsyncSession, vault: Vault, **values: Any) -> Customer:
    """A customer; the identity number ends in 1235 unless given."""
    id_number = values.pop("id_number", ID_NUMBER)
    customer = Customer(
        **({"name": "王芳", "gender": "f", "phone": "+8614000000001", "language": "zh-Hans"} | values)
    )
    customer.set_id_number(vault, id_number)
    session.add(customer)
    await session.commit()
    return customer


async def make_agent(session: AsyncSession, **values: Any) -> Agent:
    """An agent who cannot sign in (no password)."""
    name = f"agent-{secrets.token_hex(4)}"
    agent = Agent(
        **({"username": name, "name": "李娜", "password_hash": "", "skills": [], "languages": []} | values)
    )
    session.add(agent)
    await session.commit()
    return agent


async def customer_says(session: AsyncSession, vault: Vault, text: str, **values: Any) -> Receipt:
    """A message stored as a connector stores it."""
    defaults = {"channel": "sms", "account": "+15550100000", "sender": "+12125550142"}
    message = IncomingMessage(**(defaults | {"external_id": secrets.token_hex(8), "text": text} | values))
    receipt = await receive(session, vault, message)
    await session.commit()
    return receipt
