"""What the insurer sells, on which terms."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import selectinload

from backend.core.errors import NotFound
from backend.core.schemas import Names, money
from backend.policies.models import CURRENCY, PartKind, Product, ProductType
from backend.policies.schemas import PartRead, ProductRead, product_name


async def list_products(session: AsyncSession) -> list[ProductRead]:
    query = select(Product).options(selectinload(Product.parts)).order_by(Product.code)
    return [_read(product) for product in await session.scalars(query)]


async def get_product(session: AsyncSession, code: str) -> ProductRead:
    """Raises `NotFound`."""
    query = select(Product).options(selectinload(Product.parts)).where(Product.code == code)
    product = await session.scalar(query)
    if product is None:
        raise NotFound("There is no such product.")
    return _read(product)


def _read(product: Product) -> ProductRead:
    return ProductRead(
        code=product.code,
        type=ProductType(product.type),
        name=product_name(product),
        grace_days=product.grace_days,
        cooling_off_days=product.cooling_off_days,
        reinstatement_years=product.reinstatement_years,
        parts=[
            PartRead(
                kind=PartKind(part.kind),
                code=part.code,
                name=Names(zh=part.name_zh, en=part.name_en),
                waiting_period_days=part.waiting_period_days,
                deductible=money(part.deductible, CURRENCY),
            )
            for part in product.parts
        ],
    )
