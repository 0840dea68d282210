"""Actions against the fake CRM, in process: nothing leaves the test."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from actions import http as actions_http
from actions.settings import settings
from tests.actions.fake_crm import create_app


@pytest.fixture
def crm(monkeypatch: pytest.MonkeyPatch) -> Iterator[object]:
    """Return the fake CRM's state; the actions' client reaches it without a socket."""
    monkeypatch.setenv("ANDA_SERVICE_TOKEN", "test-token")
    settings.cache_clear()
    app = create_app()
    client = httpx.AsyncClient(transport=httpx.ASGITransport(app=app))
    monkeypatch.setattr(actions_http, "client", lambda: client)
    yield app.state
    settings.cache_clear()
