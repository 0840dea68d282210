"""The yardstick of the intake: a bare FastAPI endpoint that inserts one row, with the product's own database layer."""

from __future__ import annotations

import os

import uvicorn
from fastapi import FastAPI, Request
from sqlalchemy import text

from backend.core.db import Database

INSERT = text("INSERT INTO bare_messages (body) VALUES (:body)")


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

    return app


if __name__ == "__main__":
    uvicorn.run(
        create_app(), host="127.0.0.1", port=int(os.environ["ANDA_PORT"]), log_config=None, access_log=False
    )
