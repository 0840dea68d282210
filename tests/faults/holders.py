"""Who talks in a fault run holds a motor policy, so that a loss can be reported."""

from __future__ import annotations

import asyncio

import psycopg

BIND = """
    WITH contact AS (
        SELECT contact_id FROM inbound_messages WHERE external_id = %(message_id)s
    ), person AS (
        INSERT INTO customers (name, language, id_type, tier, source, external_id, version, created_at, updated_at)
        SELECT %(name)s, 'zh-Hans', 'resident_id', 'standard', 'faults', %(name)s, 1, now(), now() FROM contact
        ON CONFLICT (source, external_id) DO NOTHING RETURNING id
    ), policy AS (
        INSERT INTO policies (number, product_id, holder_id, insured_name, status, issued_on, start_date, end_date,
            sum_insured, premium, currency, payment_frequency, source, external_id, version, created_at, updated_at)
        SELECT %(policy)s, (SELECT min(id) FROM products WHERE type = 'auto'), id, %(name)s, 'active',
            current_date - 100, current_date - 100, current_date + 265, 200000, 3000, 'CNY', 'annual', 'faults',
            %(policy)s, 1, now(), now()
        FROM person
    )
    INSERT INTO bindings (contact_id, customer_id, bound_at, verified_at, expires_at)
    SELECT contact_id, person.id, now(), now(), now() + interval '1 day' FROM contact, person
"""


async def bind(dsn: str, number: int, message_id: str) -> None:
    """Make whoever sent `message_id` a verified customer with one policy; again changes nothing."""
    values = {"message_id": message_id, "name": f"投保人{number}", "policy": f"P2099{number:06d}"}
    while True:
        try:
            async with await psycopg.AsyncConnection.connect(dsn, connect_timeout=5) as connection:
                await connection.execute(BIND.encode(), values)
            return
        except psycopg.OperationalError:  # the database is being killed too
            await asyncio.sleep(0.5)
