"""The yardsticks: bare FastAPI endpoints that insert one row and read one by its key, with our own database layer."""

from __future__ import annotations

import json
import os

import uvicorn
from fastapi import FastAPI, Request, Response
from sqlalchemy import text

from backend.core.db import Database

INSERT = text("INSERT INTO bare_messages (body) VALUES (:body)")
READ = text("SELECT * FROM customers WHERE id = :id")


def create_app() -> FastAPI:
    app = FastAPI()
    database = Database(os.environ["ANDA_DATABASE_URL"])

    @app.get("/ready")
    async def ready() -> dict[str, str]:
        return {}

    @app.post("/inbound", status_code=204)
    async def inbound(request: Request) -> None:
        body = (await request.body()).decode()
        async with database.session.begin() as session:
            await session.execute(INSERT, {"body": body})

    @app.get("/customers/{customer_id}")
    async def customer(customer_id: int) -> Response:
        async with database.session.begin() as session:
            row = (await session.execute(READ, {"id": customer_id})).one()
        return Response(json.dumps(dict(row._mapping), default=str), media_type="application/json")

    return app


if __name__ == "__main__":
    uvicorn.run(
        create_app(), host="127.0.0.1", port=int(os.environ["ANDA_PORT"]), log_config=None, access_log=False
    )
