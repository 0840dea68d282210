"""What the value model, the lapse-risk model and the rules for tags know of a customer."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import date

from sqlalchemy import bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY, BIGINT
from sqlalchemy.ext.asyncio import AsyncSession


@dataclass(frozen=True)
class Facts:
    """One customer in figures. Amounts are CNY a year; days and counts are of the day they were taken."""

    customer_id: int
    annual_premium: float
    years: int
    product_types: int
    policies_in_force: int
    lapsed_policies: int
    # Premiums that fell due in the last 24 months, and how many of them were paid by their day, or after it.
    premiums_due: int
    paid_on_time: int
    paid_late: int
    overdue_days: int
    open_claims: int
    # Times that the customer wrote or called in the last 90 days, and in the 90 days before.
    contacts: int
    contacts_before: int
    age: int

    @property
    def persistence(self) -> float:
        """The share of premiums paid by their day; 0 when none fell due yet."""
        return self.paid_on_time / self.premiums_due if self.premiums_due else 0.0


# What rules may ask for.
NAMES = frozenset({field.name for field in fields(Facts)} - {"customer_id"} | {"persistence"})

QUERY = text("""
SELECT c.id AS customer_id,
  coalesce(p.annual_premium, 0)::float8 AS annual_premium, coalesce(p.years, 0)::int AS years,
  coalesce(p.product_types, 0) AS product_types, coalesce(p.in_force, 0) AS policies_in_force,
  coalesce(p.lapsed, 0) AS lapsed_policies,
  coalesce(i.due, 0) AS premiums_due, coalesce(i.on_time, 0) AS paid_on_time, coalesce(i.late, 0) AS paid_late,
  coalesce(i.overdue_days, 0) AS overdue_days, l.open AS open_claims, n.now AS contacts, n.before AS contacts_before,
  coalesce(extract(year FROM age(:today, c.birth_date)), 0)::int AS age
FROM customers c
LEFT JOIN LATERAL (
  SELECT sum(policies.premium * CASE payment_frequency WHEN 'monthly' THEN 12 ELSE 1 END)
           FILTER (WHERE status IN ('active', 'grace')) AS annual_premium,
    extract(year FROM age(:today, min(issued_on))) AS years,
    count(DISTINCT products.type) FILTER (WHERE status IN ('active', 'grace')) AS product_types,
    count(*) FILTER (WHERE status IN ('active', 'grace')) AS in_force,
    count(*) FILTER (WHERE status = 'lapsed') AS lapsed
  FROM policies JOIN products ON products.id = product_id WHERE holder_id = c.id
) p ON true
LEFT JOIN LATERAL (
  SELECT count(*) FILTER (WHERE due_date <= :today) AS due,
    count(*) FILTER (WHERE paid_date <= due_date AND due_date <= :today) AS on_time,
    count(*) FILTER (WHERE paid_date > due_date AND due_date <= :today) AS late,
    :today - min(due_date) FILTER (
      WHERE paid_date IS NULL AND due_date < :today AND status IN ('active', 'grace')) AS overdue_days
  FROM premium_instalments JOIN policies ON policies.id = policy_id
  WHERE holder_id = c.id AND due_date > :today - 730 AND due_date <= :today
) i ON true
LEFT JOIN LATERAL (
  SELECT count(*) AS open FROM claims
  WHERE customer_id = c.id AND stage NOT IN ('paid', 'declined', 'withdrawn', 'closed')
) l ON true
LEFT JOIN LATERAL (
  SELECT count(*) FILTER (WHERE occurred_at > :today - 90) AS now,
    count(*) FILTER (WHERE occurred_at <= :today - 90) AS before
  FROM interactions WHERE customer_id = c.id AND direction = 'inbound' AND occurred_at > :today - 180
) n ON true
WHERE c.id = ANY(:ids)
""").bindparams(bindparam("ids", type_=ARRAY(BIGINT)))


async def facts_of(session: AsyncSession, customer_ids: list[int], today: date) -> list[Facts]:
    """The facts of these customers on `today`; unknown ids are left out."""
    rows = await session.execute(QUERY, {"ids": customer_ids, "today": today})
    return [Facts(**row) for row in rows.mappings()]
