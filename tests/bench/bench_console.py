"""an agent types while 200 conversations are listed and 20 messages a second arrive, beside the same page at rest

From the moment a key goes down until the frame after its letter was drawn, in a headless Chromium on this machine that
also runs the server and the database. The messages are stored and announced as the worker does it; one in ten is the
open conversation's.
"""

from __future__ import annotations

import json
import random
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import redis
from argon2 import PasswordHasher
from playwright.sync_api import Page, sync_playwright

from backend.core.live import LIVE
from tests.bench.frame import Product, Row, free_port, milliseconds, percentile
from tests.e2e.browsing import FLAGS, chromium

LISTED, A_SECOND, OPEN = 200, 20, 1
SENTENCE = "Thank you, I have your invoice; the copy with the stamp is enough for us. "
TYPED = SENTENCE * 3
GOAL = 0.100
PASSWORD = "a desk in a bench"

FILL = f"""
INSERT INTO customers (id, name, phone, language, id_type, tier, source, external_id, version, created_at, updated_at)
  SELECT n, '客户' || n, '+86142' || lpad(n::text, 8, '0'), 'zh-Hans', 'resident_id', 'silver', 'bench', n, 1, now(),
    now() FROM generate_series(1, {LISTED}) n;
INSERT INTO contacts (id, channel, account, external_id, created_at)
  SELECT n, 'web', 'a', n, now() FROM generate_series(1, {LISTED}) n;
INSERT INTO conversations (id, contact_id, mode, language, last_seq, episode, episode_turns, inbox_fence, outbox_fence,
    created_at)
  SELECT n, n, 'human', 'zh-Hans', 0, 1, 0, 0, 0, now() FROM generate_series(1, {LISTED}) n;
INSERT INTO tickets (id, number, kind, status, priority, urgency, skill, summary, channel, language, identity_level,
    conversation_id, contact_id, customer_id, agent_id, opened_at, accepted_at, first_responded_at,
    first_response_due_at, resolution_due_at, read_up_to, brief, reopened)
  SELECT n, 'T2026' || lpad(n::text, 6, '0'), 'inquiry', 'assigned', n % 4, 'normal', 'claims',
    '客户询问理赔进度：发票原件被单位收走，想用复印件加分割单代替', 'web', 'zh-Hans', 2, n, n, n, 1,
    now() - n * interval '1 minute', now(), now(), now() + interval '1 day', now() + interval '3 days', 0, '{{}}', 0
  FROM generate_series(1, {LISTED}) n;
INSERT INTO interactions (customer_id, contact_id, conversation_id, channel, direction, speaker, kind, text, details,
    language, level, occurred_at)
  SELECT c, c, c, 'web', CASE i % 2 WHEN 0 THEN 'inbound' ELSE 'outbound' END,
    CASE i % 2 WHEN 0 THEN 'customer' ELSE 'bot' END, 'message', '您的理赔正在审核中，预计五个工作日内有结果。', '{{}}',
    'zh-Hans', 2, now() - interval '2 days' + i * interval '1 minute'
  FROM generate_series(1, {LISTED}) c, generate_series(1, 100) i
"""
SAY = """
INSERT INTO interactions (customer_id, contact_id, conversation_id, channel, direction, speaker, kind, text, details,
    language, level, occurred_at)
  VALUES (%(c)s, %(c)s, %(c)s, 'web', 'inbound', 'customer', 'message', '还有一个问题，请问要多久？', '{}', 'zh-Hans',
    2, now())
"""
# The frame in which the letter is drawn begins with the callback; a message posted there is handled after the drawing.
WATCH = """
  window.taken = [];
  const channel = new MessageChannel();
  const waiting = [];
  let struck = 0;
  channel.port1.onmessage = () => {
    const now = performance.now();
    while (waiting.length) taken.push(now - waiting.shift());
  };
  addEventListener("keydown", (event) => { struck = event.timeStamp; }, true);
  addEventListener("input", () => {
    waiting.push(struck);
    requestAnimationFrame(() => channel.port2.postMessage(0));
  }, true);
"""


def run(product: Product) -> list[Row]:
    """p95 and the slowest key of both."""
    port = free_port()
    with product.database() as dsn:
        _fill(dsn)
        environment = product.environment(dsn, ANDA_PORT=str(port))
        address = f"http://127.0.0.1:{port}"
        with (
            product.process("backend.main", environment, f"{address}/health/live"),
            _console(address) as page,
        ):
            _type(page)
            rest = _type(page)
            asked: list[str] = []
            page.on("request", lambda request: asked.append(request.url))
            with _messages(dsn, product.redis_url) as said:
                began = time.perf_counter()
                busy = _type(page)
                seconds = time.perf_counter() - began
            page.get_by_test_id("conversation").get_by_text("还有一个问题").first.wait_for()
    rows = [
        _row("p95", percentile(busy, 0.95), percentile(rest, 0.95)),
        _row("the slowest", max(busy), max(rest)),
    ]
    rate = f"{len(asked) / seconds:.1f} a second for {len(said) / seconds:.0f} messages"
    return [*rows, Row(f"requests of the page ({len(busy)} keys struck)", rate)]


def _row(name: str, ours: float, beside: float) -> Row:
    label = f"key to paint, {LISTED} listed, {A_SECOND} messages a second, {name}"
    return Row(label, milliseconds(ours), milliseconds(beside), ours / beside, "at most 100 ms", ours <= GOAL)


def _fill(dsn: str) -> None:
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute(
            "INSERT INTO agents (id, username, name, role, password_hash, skills, languages, is_active, version)"
            " VALUES (1, 'li.na', '李娜', 'agent', %s, '[\"claims\"]', '[\"zh\"]', true, 1)",
            (PasswordHasher(time_cost=1, memory_cost=64).hash(PASSWORD),),
        )
        for statement in FILL.split(";\n"):
            connection.execute(statement.encode())
        connection.execute("VACUUM ANALYZE")


@contextmanager
def _console(address: str) -> Iterator[Page]:
    """The desk with all conversations listed and one of them open."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=list(FLAGS))
        page = browser.new_context(viewport={"width": 1440, "height": 900}, locale="zh-CN").new_page()
        page.add_init_script(WATCH)
        page.goto(f"{address}/console")
        page.get_by_test_id("username").fill("li.na")
        page.get_by_test_id("password").fill(PASSWORD)
        page.get_by_test_id("sign-in").click()
        page.get_by_test_id("tab-mine").click()
        page.get_by_role("button", name="显示更多").click()
        page.locator(f'[data-testid="ticket-row"] >> nth={LISTED - 1}').wait_for(state="attached")
        page.locator(f'[data-number="T2026{OPEN:06d}"]').click()
        page.get_by_test_id("reply").wait_for()
        yield page
        browser.close()


def _type(page: Page) -> list[float]:
    """Seconds from key to paint of every letter."""
    page.evaluate("taken.length = 0")
    page.get_by_test_id("reply").fill("")
    page.evaluate("taken.length = 0")
    page.get_by_test_id("reply").press_sequentially(TYPED, delay=60)
    taken: list[float] = []
    while len(taken) < len(TYPED):
        page.wait_for_timeout(50)
        taken = page.evaluate("taken")
    return [milliseconds_taken / 1000 for milliseconds_taken in taken]


@contextmanager
def _messages(dsn: str, redis_url: str) -> Iterator[list[int]]:
    """Messages arrive until the block ends; gives the conversations they were said in."""
    said: list[int] = []
    ends = threading.Event()

    def arrive() -> None:
        chance = random.Random(7)
        with psycopg.connect(dsn, autocommit=True) as connection, redis.from_url(redis_url) as client:
            due = time.perf_counter()
            while not ends.is_set():
                conversation = OPEN if chance.random() < 0.1 else chance.randrange(1, LISTED + 1)
                connection.execute(SAY, {"c": conversation})
                notice = {"type": "interaction", "conversation": conversation, "ticket": None}
                client.publish(LIVE, json.dumps(notice))
                said.append(conversation)
                due += 1 / A_SECOND
                ends.wait(max(0.0, due - time.perf_counter()))

    thread = threading.Thread(target=arrive)
    thread.start()
    try:
        yield said
    finally:
        ends.set()
        thread.join()
