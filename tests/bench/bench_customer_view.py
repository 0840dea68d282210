"""the 360° view with a million interactions, beside a bare endpoint that reads one row by its key

20,000 customers with policies, premiums, claims and tasks; 45 interactions each, ten of them 10,000 more. The two calls
alternate over the same random customers, one at a time, on one connection.
"""

from __future__ import annotations

import random
import time

import httpx
import psycopg

from tests.bench.frame import Product, Row, free_port, milliseconds, percentile

CUSTOMERS, EACH, HEAVY, MORE = 20_000, 45, 10, 10_000
WARM, MEASURED = 60, 500
GOAL = 3.0
TOKEN = "bench-token"
SCOPES = ("customers", "policies", "claims", "tickets", "tasks", "changes", "interactions", "notices")

FILL = f"""
INSERT INTO products (id, code, type, name_zh, name_en, grace_days) VALUES (1, 'life', 'life', '寿险', 'Life', 60);
INSERT INTO customers (id, name, phone, language, id_type, tier, source, external_id, version, created_at, updated_at)
  SELECT n, '客户' || n, '+86142' || lpad(n::text, 8, '0'), 'zh-Hans', 'resident_id', 'silver', 'bench', n, 1, now(),
    now()
  FROM generate_series(1, {CUSTOMERS}) n;
INSERT INTO policies (id, number, product_id, holder_id, insured_name, status, issued_on, start_date, end_date,
    sum_insured, premium, currency, payment_frequency, source, external_id, version, created_at, updated_at)
  SELECT n, 'P2024' || lpad(n::text, 6, '0'), 1, (n + 1) / 2, '客户', 'active', '2024-01-01', '2024-01-01',
    '2044-01-01', 300000, 500, 'CNY', 'monthly', 'bench', n, 1, now(), now()
  FROM generate_series(1, {2 * CUSTOMERS}) n;
INSERT INTO premium_instalments (policy_id, due_date, amount, currency, paid_date, paid_amount)
  SELECT p, '2025-01-01'::date + 31 * n, 500, 'CNY', CASE WHEN n < 22 THEN '2025-01-01'::date + 31 * n END, 0
  FROM generate_series(1, {2 * CUSTOMERS}) p, generate_series(0, 24) n;
INSERT INTO claims (id, number, policy_id, customer_id, type, complexity, incident_date, reported_date, stage,
    stage_since, currency, source, external_id, version, created_at, updated_at)
  SELECT n, 'C2026' || lpad(n::text, 6, '0'), 2 * n, n, 'death', 'simple', '2026-01-01', '2026-01-02',
    CASE n % 3 WHEN 0 THEN 'under_review' ELSE 'paid' END, now(), 'CNY', 'bench', n, 1, now(), now()
  FROM generate_series(1, {CUSTOMERS}) n;
INSERT INTO contacts (id, channel, account, external_id, created_at)
  SELECT n, 'wechat', 'a', n, now() FROM generate_series(1, {CUSTOMERS}) n;
INSERT INTO conversations (id, contact_id, mode, language, last_seq, episode, episode_turns, inbox_fence,
    outbox_fence, created_at)
  SELECT n, n, 'bot', 'zh-Hans', 0, 1, 0, 0, 0, now() FROM generate_series(1, {CUSTOMERS}) n;
INSERT INTO interactions (customer_id, contact_id, conversation_id, channel, direction, speaker, kind, text, details,
    language, occurred_at)
  SELECT c, c, c, 'wechat', CASE i % 2 WHEN 0 THEN 'inbound' ELSE 'outbound' END, 'bot', 'message',
    '您的理赔正在审核中，预计五个工作日内有结果。', '{{}}', 'zh-Hans', now() - i * interval '3 hours'
  FROM generate_series(1, {CUSTOMERS}) c, generate_series(1, {EACH}) i;
INSERT INTO interactions (customer_id, contact_id, conversation_id, channel, direction, speaker, kind, text, details,
    language, occurred_at)
  SELECT c, c, c, 'wechat', 'inbound', 'customer', 'message', '在吗', '{{}}', 'zh-Hans', now() - i * interval '1 hour'
  FROM generate_series(1, {HEAVY}) c, generate_series(1, {MORE}) i;
INSERT INTO tasks (number, kind, summary, state, due_at, customer_id, origin, version, created_at, updated_at)
  SELECT 'K2026' || lpad(n::text, 6, '0'), 'callback', '回电', 'open', now(), n, 'bot', 1, now(), now()
  FROM generate_series(1, {CUSTOMERS}, 3) n;
INSERT INTO customer_tags (customer_id, tag, is_by_rule, added_at)
  SELECT n, 'VIP', false, now() FROM generate_series(1, {CUSTOMERS}, 2) n;
"""


def run(product: Product) -> list[Row]:
    """p95 and median of both calls."""
    port, bare_port = free_port(), free_port()
    with product.database() as dsn:
        _fill(dsn)
        ours = product.environment(dsn, ANDA_PORT=str(port))
        bare = product.environment(dsn, ANDA_PORT=str(bare_port))
        with (
            product.process("backend.main", ours, f"http://127.0.0.1:{port}/health/live"),
            product.process("tests.bench.bare", bare, f"http://127.0.0.1:{bare_port}/ready"),
        ):
            view, row = _measure(port, bare_port)
        with psycopg.connect(dsn) as connection:
            found = connection.execute("SELECT count(*) FROM interactions").fetchone()
    ours, beside = percentile(view, 0.95), percentile(row, 0.95)
    middle, beside_middle = percentile(view, 0.5), percentile(row, 0.5)
    is_met = ours / beside <= GOAL
    name = f"the 360° view among {found[0] if found else 0:,} interactions, p95"
    return [
        Row(name, milliseconds(ours), milliseconds(beside), ours / beside, f"at most {GOAL}", is_met),
        Row("the same, median", milliseconds(middle), milliseconds(beside_middle), middle / beside_middle),
    ]


def _fill(dsn: str) -> None:
    from backend.core.access import hash_token

    with psycopg.connect(dsn, autocommit=True) as connection:
        for statement in filter(str.strip, FILL.split(";\n")):
            connection.execute(statement.encode())
        scopes = ", ".join(f'"{area}:read"' for area in SCOPES)
        connection.execute(
            "INSERT INTO api_tokens (name, token_hash, scopes) VALUES ('bench', %s, %s)",
            (hash_token(TOKEN), f"[{scopes}]"),
        )
        connection.execute("VACUUM ANALYZE")


def _measure(port: int, bare_port: int) -> tuple[list[float], list[float]]:
    chance = random.Random(7)
    people = [*range(1, HEAVY + 1)] + [chance.randrange(1, CUSTOMERS + 1) for _ in range(MEASURED - HEAVY)]
    chance.shuffle(people)
    view: list[float] = []
    row: list[float] = []
    token = {"Authorization": f"Bearer {TOKEN}"}
    ours = httpx.Client(
        base_url=f"http://127.0.0.1:{port}/api/v1", headers=token, trust_env=False, timeout=30
    )
    bare = httpx.Client(base_url=f"http://127.0.0.1:{bare_port}", trust_env=False, timeout=30)
    with ours, bare:
        for person in people[:WARM]:
            _timed(bare, f"/customers/{person}")
            _timed(ours, f"/customers/{person}/overview")
        for person in people:
            row.append(_timed(bare, f"/customers/{person}"))
            view.append(_timed(ours, f"/customers/{person}/overview"))
    return view, row


def _timed(client: httpx.Client, path: str) -> float:
    started = time.perf_counter()
    answer = client.get(path)
    took = time.perf_counter() - started
    assert answer.status_code == 200, answer.text
    return took
