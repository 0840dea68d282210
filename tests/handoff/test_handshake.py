"""Which pages may open a console socket: widgets may reach the web chat's, never this one."""

from __future__ import annotations

import pytest

from backend.core.settings import Settings
from handoff.handshake import is_own_page


@pytest.mark.parametrize(
    ("headers", "is_own"),
    [
        ({"HTTP_ORIGIN": "http://testserver"}, True),
        ({"HTTP_ORIGIN": "http://localhost:8000", "HTTP_HOST": "localhost:8000"}, True),
        ({}, True),  # not a browser, or a same-origin GET of one
        ({"HTTP_SEC_FETCH_SITE": "same-origin"}, True),
        ({"HTTP_SEC_FETCH_SITE": "cross-site"}, False),
        ({"HTTP_ORIGIN": "https://widget.example"}, False),
        ({"HTTP_ORIGIN": "http://testserver.evil.example"}, False),
        ({"HTTP_ORIGIN": "null"}, False),
        ({"HTTP_ORIGIN": ""}, False),
    ],
)
def test_only_our_own_page_opens_a_console(settings: Settings, headers: dict[str, str], is_own: bool) -> None:
    allowed = settings.model_copy(update={"widget_origins": "https://widget.example"})
    assert is_own_page({"HTTP_HOST": "testserver"} | headers, allowed) is is_own
