"""Starts Rasa's server in this process, with our channel, endpoints and changes."""

from __future__ import annotations

import os
from typing import Any

from bot.settings import FOLDER, SCHEMA, Settings


def _endpoints(settings: Settings) -> Any:
    from rasa.core.utils import AvailableEndpoints
    from rasa.utils.endpoints import EndpointConfig

    os.environ["RASA_ACTION_URL"] = f"{settings.actions_url}/webhook"
    os.environ["RASA_DATABASE_URL"] = settings.database_url or ""
    endpoints = AvailableEndpoints.read_endpoints(str(FOLDER / "endpoints.yml"))
    if settings.database_url is None:
        endpoints.tracker_store = None
    if settings.redis is not None:
        endpoints.lock_store = EndpointConfig(
            settings.redis.host,
            type="redis",
            port=settings.redis.port,
            db=settings.redis.db,
            username=settings.redis.username,
            password=settings.redis.password,
            use_ssl=settings.redis.use_ssl,
            key_prefix="anda",
        )
    return endpoints


def _create_schema(database_url: str) -> None:
    import sqlalchemy

    engine = sqlalchemy.create_engine(database_url)
    with engine.begin() as connection:
        connection.execute(sqlalchemy.text(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}"))
    engine.dispose()


def serve(settings: Settings) -> None:
    """Serve until SIGTERM or SIGINT. Without a database (tests) trackers are kept in memory.

    Raises SystemExit with a message when the model is missing.
    """
    if not settings.model.exists():
        raise SystemExit("There is no trained model yet: run `python -m bot train` first.")
    from rasa.core.run import serve_application

    from bot import remote_actions, shortcuts
    from bot.quiet import configure_logging

    configure_logging()
    if settings.database_url:
        os.environ["POSTGRESQL_SCHEMA"] = SCHEMA
        _create_schema(settings.database_url)
    remote_actions.install()
    shortcuts.install()
    serve_application(
        model_path=str(settings.model),
        credentials=str(FOLDER / "credentials.yml"),
        endpoints=_endpoints(settings),
        interface=settings.host,
        port=settings.port,
        auth_token=settings.token,
        enable_api=True,
    )
