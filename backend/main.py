"""The api process: one FastAPI app with the CRM API, the channels' webhooks, Socket.IO, pages, health and metrics."""

from __future__ import annotations

import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import socketio
import uvicorn
from fastapi import FastAPI
from pydantic import ValidationError

from backend.articles import api as articles_api
from backend.articles import bot_api as articles_bot_api
from backend.articles import feed_api as articles_feed_api
from backend.articles import questions_api as articles_questions_api
from backend.changes import api as changes_api
from backend.changes import bot_api as changes_bot_api
from backend.claims import api as claims_api
from backend.claims import bot_api as claims_bot_api
from backend.claims import document_bot_api, documents_api, draft_bot_api, drafts_api
from backend.claims import work_api as claims_work_api
from backend.conversations import api as conversations_api
from backend.conversations import bot_api as conversations_bot_api
from backend.conversations import by_hand, dead_letters_api
from backend.core import docs_page, failpoints, garbage, health, live, metrics, tokens
from backend.core.crypto import Vault
from backend.core.db import Database
from backend.core.errors import add_problem_handlers
from backend.core.logs import configure_logs
from backend.core.pages import add_pages
from backend.core.settings import Settings
from backend.customers import api as customers_api
from backend.customers import more_api as customers_more_api
from backend.exchange import api as exchange_api
from backend.imports import api as imports_api
from backend.notices import api as notices_api
from backend.notices import bot_api as notices_bot_api
from backend.notices import campaigns_api
from backend.policies import api as policies_api
from backend.policies import bot_api as policies_bot_api
from backend.privacy import api as privacy_api
from backend.privacy import persons_api
from backend.reports import api as reports_api
from backend.reports import volumes_api
from backend.review import api as review_api
from backend.review import exports_api as review_exports_api
from backend.segments import api as segments_api
from backend.settings import api as settings_api
from backend.tasks import api as tasks_api
from backend.tasks import bot_api as tasks_bot_api
from backend.tickets import api as tickets_api
from backend.tickets import bot_api as tickets_bot_api
from backend.tickets import canned_api, complaints_api, desk_api, files_api, suggestions_api
from backend.webhooks import api as webhooks_api
from channels.answers import file_page
from channels.answers import page as answer_page
from channels.simulator import page as simulator_page
from channels.sms import connector as sms
from channels.web import connector as web
from channels.wechat import connector as wechat
from handoff import live as console_live
from handoff import pages as console_pages
from handoff import second_factor, sessions, sign_in, team

ROUTERS = [
    # Routes are tried in order: the platforms' webhooks come first, they are what the most posts go to.
    sms.router,
    wechat.router,
    web.router,
    health.router,
    metrics.router,
    docs_page.router,
    sign_in.router,
    second_factor.router,
    sessions.router,
    team.router,
    tokens.router,
    customers_api.router,
    customers_more_api.router,
    policies_api.router,
    claims_api.router,
    claims_work_api.router,
    documents_api.router,
    drafts_api.router,
    imports_api.router,
    conversations_api.router,
    dead_letters_api.router,
    by_hand.router,
    changes_api.router,
    tasks_api.router,
    exchange_api.router,
    tickets_api.router,
    desk_api.router,
    files_api.router,
    suggestions_api.router,
    complaints_api.router,
    webhooks_api.router,
    reports_api.router,
    volumes_api.router,
    settings_api.router,
    review_api.router,
    review_exports_api.router,
    canned_api.router,
    notices_api.router,
    campaigns_api.router,
    segments_api.router,
    articles_questions_api.router,
    articles_feed_api.router,
    articles_api.router,
    privacy_api.router,
    persons_api.router,
    conversations_bot_api.bot_router,
    policies_bot_api.bot_router,
    draft_bot_api.bot_router,  # before the claims' own: `claims/draft` is no number
    document_bot_api.bot_router,
    claims_bot_api.bot_router,
    tickets_bot_api.bot_router,
    changes_bot_api.bot_router,
    tasks_bot_api.bot_router,
    notices_bot_api.bot_router,
    articles_bot_api.bot_router,
    answer_page.router,
    file_page.router,
    console_pages.router,
]


def create_app(settings: Settings) -> FastAPI:
    """The whole api; its database and Redis connections open when it starts and close when it ends."""
    database = Database(settings.database_url)
    sio = socketio.AsyncServer(
        async_mode="asgi",
        client_manager=socketio.AsyncRedisManager(settings.redis_url),
        cors_allowed_origins=web.origin_check(settings),
        max_http_buffer_size=web.MAX_FRAME,
    )

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with httpx.AsyncClient(timeout=5, trust_env=False) as app.state.http:
            yield
        await chat.close()
        await app.state.redis.aclose()
        await database.close()

    app = FastAPI(title="Anda 安答", version="1", docs_url=None, redoc_url=None, lifespan=lifespan)
    app.state.settings = settings
    app.state.database = database
    app.state.redis = live.connect(settings.redis_url)
    app.state.vault = Vault(settings.encryption_keys.get_secret_value())
    add_problem_handlers(app)
    folders = {**docs_page.FOLDERS, **web.FOLDERS, **console_pages.FOLDERS, **answer_page.FOLDERS}
    if settings.demo:
        app.include_router(simulator_page.router)
        folders |= simulator_page.FOLDERS
    for router in ROUTERS:
        app.include_router(router)
    add_pages(app, folders, is_https=settings.base_url.startswith("https://"))
    chat = web.register(sio, app.state)
    console_live.register(sio, app.state)
    app.mount("/socket.io", socketio.ASGIApp(sio, socketio_path=""))
    if failpoints.SETTING in os.environ:
        app.add_middleware(failpoints.AfterSideEffect)
    return app


def main() -> None:
    """Serve until told to stop; a missing setting ends with a sentence that names it."""
    try:
        settings = Settings()
    except ValidationError as error:
        names = ", ".join(f"ANDA_{'.'.join(map(str, e['loc'])).upper()}: {e['msg']}" for e in error.errors())
        sys.exit(f"Settings are missing or not valid: {names}")
    configure_logs("api")
    app = create_app(settings)
    garbage.leave_out_what_is_loaded()
    uvicorn.run(
        app,
        host=settings.host,
        port=settings.port,
        log_config=None,
        access_log=False,
        timeout_graceful_shutdown=10,
        proxy_headers=True,
    )


if __name__ == "__main__":
    main()
