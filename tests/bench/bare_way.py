"""The yardstick of the latency bench: the least that stores a message, asks the bot, stores the answer and sends it.

Two processes as ours are, with the same libraries, database layer and bot: an endpoint that inserts a row and wakes a
worker; the worker takes the row, asks, stores the answer and posts it to the platform. No signature, identity, order,
record, choices, leases or retries.
"""

from __future__ import annotations

import os
import sys
from urllib.parse import parse_qs

import httpx
import redis.asyncio as redis
import uvicorn
import uvloop
from fastapi import FastAPI, Request
from sqlalchemy import text

from backend.core.db import Database

TABLE = """CREATE TABLE bare_way (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, phone text, body text, state text, answer text
)"""
INSERT = text("INSERT INTO bare_way (phone, body, state) VALUES (:phone, :body, 'stored')")
TAKE = text("""
    UPDATE bare_way SET state = 'taken'
    WHERE id = (SELECT id FROM bare_way WHERE state = 'stored' ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED)
    RETURNING id, phone, body
""")
ANSWER = text("UPDATE bare_way SET state = 'answered', answer = :answer WHERE id = :id")
SENT = text("UPDATE bare_way SET state = 'sent' WHERE id = :id")
WAKE = "bare:wake"


def create_app() -> FastAPI:
    app = FastAPI()
    database = Database(os.environ["ANDA_DATABASE_URL"])
    client: redis.Redis = redis.from_url(os.environ["ANDA_REDIS_URL"])

    @app.get("/ready")
    async def ready() -> dict[str, str]:
        return {}

    @app.post("/inbound", status_code=204)
    async def inbound(request: Request) -> None:
        form = parse_qs((await request.body()).decode())
        async with database.session.begin() as session:
            await session.execute(INSERT, {"phone": form["From"][0], "body": form["Body"][0]})
        await client.publish(WAKE, "1")

    return app


async def work() -> None:
    database = Database(os.environ["ANDA_DATABASE_URL"])
    client: redis.Redis = redis.from_url(os.environ["ANDA_REDIS_URL"], socket_timeout=None)
    sid = os.environ["TWILIO_ACCOUNT_SID"]
    platform = f"{os.environ['TWILIO_API_URL']}/2010-04-01/Accounts/{sid}/Messages.json"
    auth = httpx.BasicAuth(sid, os.environ["TWILIO_AUTH_TOKEN"])
    pubsub = client.pubsub()
    await pubsub.subscribe(WAKE)
    async with httpx.AsyncClient(timeout=20, trust_env=False) as http:
        while True:
            await pubsub.get_message(ignore_subscribe_messages=True, timeout=1.0)
            async with database.session.begin() as session:
                row = (await session.execute(TAKE)).first()
            if row is None:
                continue
            answer = await _ask(http, row.id, row.phone, row.body)
            async with database.session.begin() as session:
                await session.execute(ANSWER, {"id": row.id, "answer": answer})
            form = {"To": row.phone, "From": os.environ["TWILIO_FROM_NUMBER"], "Body": answer}
            (await http.post(platform, data=form, auth=auth)).raise_for_status()
            async with database.session.begin() as session:
                await session.execute(SENT, {"id": row.id})


async def _ask(http: httpx.AsyncClient, number: int, phone: str, body: str) -> str:
    episode = (number - 1) // int(os.environ["BENCH_EPISODE"])
    question = {
        "message_id": f"7{number}{os.getpid()}", "sender_id": f"bare{phone}:{episode}", "text": body, "command": None,
        "language": "zh-Hans", "channel": "sms", "level": 0, "received_at": "2026-11-23T01:02:03+00:00",
    }  # fmt: skip
    token = {"Authorization": f"Bearer {os.environ['ANDA_SERVICE_TOKEN']}"}
    url = f"{os.environ['ANDA_BOT_URL']}/webhooks/anda/message"
    answer = (await http.post(url, json=question, headers=token)).raise_for_status()
    return str(answer.json()["replies"][0]["text"])


if __name__ == "__main__":
    if sys.argv[1] == "worker":
        uvloop.run(work())
    else:
        port = int(os.environ["ANDA_PORT"])
        uvicorn.run(create_app(), host="127.0.0.1", port=port, log_config=None, access_log=False)
