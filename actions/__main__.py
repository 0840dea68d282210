"""`python -m actions` serves the actions on ANDA_ACTIONS_URL."""

from __future__ import annotations

import hmac
import logging
import warnings
from importlib import import_module
from typing import Any
from urllib.parse import urlsplit

from rasa_sdk.endpoint import create_app
from rasa_sdk.executor import ActionExecutor
from sanic.request import Request
from sanic.response import HTTPResponse, json

from actions.answering import ACTIONS
from actions.forms import FORM_ACTIONS
from actions.identity import ValidateVerifyForm
from actions.settings import settings

AREAS = (
    *(
        "callback",
        "changes",
        "claims",
        "complaints",
        "consents",
        "documents",
        "identity",
        "knowledge",
        "policies",
    ),
    *("premiums", "quotes", "report", "smalltalk", "surrender", "tickets"),
)
"""The modules that register actions."""


class Executor(ActionExecutor):
    """The library's executor, for a Rasa 3.6 that sends no domain (`enable_selective_domain`): no action reads it."""

    def update_and_return_domain(self, payload: dict[str, Any], action_name: str) -> dict[str, Any]:
        """Return the domain when it was sent, else an empty one, instead of asking Rasa to send it again."""
        return payload.get("domain") or {}

    def register_package(self, package: Any) -> None:
        """Do nothing: actions are registered one by one."""


def executor() -> ActionExecutor:
    """Return an executor that knows every action of this package."""
    for area in AREAS:
        import_module(f"actions.{area}")
    found = Executor()
    for action in (*ACTIONS.values(), *FORM_ACTIONS, ValidateVerifyForm):
        found.register_action(action())
    return found


async def refuse_strangers(request: Request) -> HTTPResponse | None:
    """Answer 401 to a call without the token that our own processes share; the health check needs none."""
    expected = f"Bearer {settings().service_token.get_secret_value()}"
    given = request.headers.get("Authorization", "")
    if request.path == "/health" or hmac.compare_digest(given.encode(), expected.encode()):
        return None
    return json({"error": "token"}, status=401)


async def hide_details(request: Request, response: HTTPResponse) -> HTTPResponse | None:
    """Replace the body of a failure: the library puts the whole conversation into it."""
    return json({"error": "the action failed"}, status=response.status) if response.status >= 500 else None


def main() -> None:
    """Serve until SIGTERM or SIGINT."""
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    logging.getLogger("rasa_sdk").setLevel(logging.WARNING)
    # The library compares its version with Rasa's at each call; that the two work together is tested here.
    warnings.filterwarnings("ignore", message="Your versions of rasa and rasa_sdk")
    address = urlsplit(settings().actions_url)
    app = create_app(executor())
    app.register_middleware(refuse_strangers, "request")
    app.register_middleware(hide_details, "response")
    app.run(
        host=address.hostname or "127.0.0.1",
        port=address.port or 5055,
        single_process=True,
        access_log=False,
        motd=False,
    )


if __name__ == "__main__":
    main()
