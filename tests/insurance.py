"""Plain functions that make policies and claims; each commits. And the bot's questions about them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import httpx
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.claims.models import Claim, ClaimDocument, Stage
from backend.conversations import bindings
from backend.conversations.models import Contact, InboundMessage
from backend.core.crypto import Vault
from backend.customers.models import Customer
from backend.demo.policy_rows import product_rows
from backend.policies.models import Beneficiary, Coverage, Policy, PremiumInstalment, Product
from tests.factories import customer_says


async def _product(session: AsyncSession, code: str) -> Product:
    known = await session.scalar(select(Product).where(Product.code == code))
    if known is None:
        session.add_all(product_rows().values())
        await session.flush()
    return (await session.scalars(select(Product).where(Product.code == code))).one()


async def make_policy(
    session: AsyncSession,
    holder: Customer,
    number: str = "P2024000123",
    product: str = "auto",
    dues: tuple[tuple[str, str | None], ...] = (),
    beneficiaries: tuple[tuple[str, str, str], ...] = (),
    **values: Any,
) -> Policy:
    """A policy with one coverage; `dues` are (due, paid) dates, `beneficiaries` (name, relationship, share)."""
    defaults = {
        "insured_name": holder.name,
        "issued_on": date(2024, 3, 1),
        "start_date": date(2026, 3, 1),
        "end_date": date(2027, 2, 28),
        "sum_insured": Decimal(1000000),
        "premium": Decimal(4200),
    }
    product_id = (await _product(session, product)).id
    policy = Policy(number=number, product_id=product_id, holder_id=holder.id, **(defaults | values))
    session.add(policy)
    await session.flush()
    session.add(
        Coverage(
            policy_id=policy.id, position=0, code="main", name_zh="第三者责任", name_en="Third-party liability",
            sum_insured=policy.sum_insured, deductible=Decimal(500),
        )
    )  # fmt: skip
    for due, paid in dues:
        paid_date = date.fromisoformat(paid) if paid else None
        session.add(
            PremiumInstalment(
                policy_id=policy.id,
                due_date=date.fromisoformat(due),
                amount=policy.premium,
                paid_date=paid_date,
            )
        )
    for position, (name, relationship, share) in enumerate(beneficiaries):
        session.add(
            Beneficiary(
                policy_id=policy.id, position=position, name=name, relationship_=relationship,
                share_percent=Decimal(share),
            )
        )  # fmt: skip
    await session.commit()
    return policy


async def make_claim(
    session: AsyncSession,
    policy: Policy,
    number: str = "C2026000101",
    documents: tuple[tuple[str, bool], ...] = (("claim_form", True), ("repair_invoice", False)),
    **values: Any,
) -> Claim:
    """A claim under review since 10 November 2026; `documents` are (code, is it here)."""
    since = datetime(2026, 11, 10, 2, tzinfo=UTC)
    defaults = {
        "type": "auto_damage",
        "complexity": "complex",
        "incident_date": date(2026, 11, 1),
        "reported_date": date(2026, 11, 2),
        "stage": Stage.UNDER_REVIEW,
        "stage_since": since,
        "review_since": since,
        "claimed_amount": Decimal(3200),
    }
    claim = Claim(number=number, policy_id=policy.id, customer_id=policy.holder_id, **(defaults | values))
    session.add(claim)
    await session.flush()
    for position, (code, is_here) in enumerate(documents):
        received = since if is_here else None
        session.add(ClaimDocument(claim_id=claim.id, position=position, code=code, received_at=received))
    await session.commit()
    return claim


class Asker:
    """A contact whose bot asks the CRM on the strength of a stored message."""

    def __init__(
        self, service: httpx.AsyncClient, session: AsyncSession, vault: Vault, **contact: str
    ) -> None:
        self.service, self.session, self.vault, self.contact = service, session, vault, contact

    async def ask(self, path: str, text: str = "你好", **query: str) -> httpx.Response:
        receipt = await customer_says(self.session, self.vault, text, **self.contact)
        headers = {"X-Anda-Message": str(receipt.inbound_id)}
        return await self.service.get(f"/api/v1/bot/{path}", params=query or None, headers=headers)

    async def verify_as(self, customer: Customer) -> None:
        """The contact proves to be this customer."""
        receipt = await customer_says(self.session, self.vault, "hello", **self.contact)
        message = await self.session.get_one(InboundMessage, receipt.inbound_id)
        contact = await self.session.get_one(Contact, message.contact_id)
        await bindings.bind(self.session, contact, customer.id)
        await self.session.commit()
