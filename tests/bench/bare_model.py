"""The yardstick of the search bench: a bare FastAPI endpoint that turns the question into its vector, and no more."""

from __future__ import annotations

import os

import uvicorn
from fastapi import FastAPI
from pydantic import BaseModel

from knowledge.model_choice import load_model
from knowledge.settings import Settings


class Question(BaseModel):
    query: str


def create_app() -> FastAPI:
    app = FastAPI()
    model = load_model(Settings())

    @app.get("/health")
    async def health() -> dict[str, str]:
        return {}

    @app.post("/search")
    def search(asked: Question) -> dict[str, list[str]]:
        model.encode([asked.query])
        return {"others": ["nothing"]}

    return app


if __name__ == "__main__":
    port = int(os.environ["ANDA_PORT"])
    uvicorn.run(create_app(), host="127.0.0.1", port=port, log_config=None, access_log=False)
