"""The input channel through which the worker reaches the assistant: `POST /webhooks/anda/message`.

The contract is in docs/contracts.md.
"""

from __future__ import annotations

import hmac
import logging
import os
from collections.abc import Awaitable, Callable
from typing import Any

from rasa.core.channels.channel import InputChannel, UserMessage
from sanic import Blueprint, response
from sanic.exceptions import InvalidUsage
from sanic.request import Request
from sanic.response import HTTPResponse

from bot.settings import read_settings
from bot.swapping import follow, serving
from bot.turn import BadCommand, Inbound, TurnFailed, take_turn

logger = logging.getLogger(__name__)

MAX_TEXT = 4_000
"""What follows is in the record, not in the tracker."""

_CHANNELS = {"wechat", "sms", "web"}
_LANGUAGES = {"zh-Hans", "zh-Hant", "en"}


def read_inbound(body: Any) -> Inbound:
    """Check a request body and return the message. Raises ValueError naming the first field that is wrong."""
    if not isinstance(body, dict):
        raise ValueError("body")
    text, command = body.get("text"), body.get("command")
    checks = {
        "message_id": isinstance(body.get("message_id"), str) and 0 < len(body["message_id"]) <= 64,
        "sender_id": isinstance(body.get("sender_id"), str) and 0 < len(body["sender_id"]) <= 200,
        "text": isinstance(text, str) or (text is None and bool(command)),
        "command": command is None or (isinstance(command, str) and 0 < len(command) <= 2000),
        "language": body.get("language") in _LANGUAGES,
        "channel": body.get("channel") in _CHANNELS,
        "level": body.get("level") in (0, 1, 2),
        "received_at": isinstance(body.get("received_at"), str),
    }
    wrong = [name for name, is_right in checks.items() if not is_right]
    if wrong:
        raise ValueError(wrong[0])
    fields = {name: body[name] for name in checks if name not in ("text", "command")}
    return Inbound(text=(text or "")[:MAX_TEXT], command=command, **fields)


class AndaInput(InputChannel):
    """Takes one stored message and answers with its replies, or with a status that says why not."""

    def __init__(self, token: str) -> None:
        """Take the token that our own processes share."""
        self._token = token

    @classmethod
    def name(cls) -> str:
        """Return the channel's place below `/webhooks`."""
        return "anda"

    @classmethod
    def from_credentials(cls, credentials: dict[str, Any] | None) -> AndaInput:
        """Read the token from ANDA_SERVICE_TOKEN; a missing one stops the start."""
        token = os.environ.get("ANDA_SERVICE_TOKEN", "")
        if not token:
            raise SystemExit("ANDA_SERVICE_TOKEN is not set: the bot would have no protection")
        return cls(token)

    def _is_ours(self, request: Request) -> bool:
        given = request.headers.get("Authorization", "")
        return hmac.compare_digest(given.encode(), f"Bearer {self._token}".encode())

    def blueprint(self, on_new_message: Callable[[UserMessage], Awaitable[Any]]) -> Blueprint:
        """Return the routes: `message` and `health`, which names the model; a new model is taken while they serve."""
        routes = Blueprint("anda_input")

        @routes.listener("after_server_start")
        async def watch(app: Any, _: Any) -> None:
            app.add_task(follow(app, read_settings().versions))

        @routes.get("/health")
        async def health(request: Request) -> HTTPResponse:
            agent = getattr(request.app.ctx, "agent", None)
            is_ready = agent is not None and agent.is_ready()
            return response.json(
                {"status": "ok" if is_ready else "no model", "model": serving(agent)},
                status=200 if is_ready else 503,
            )

        @routes.post("/message")
        async def receive(request: Request) -> HTTPResponse:
            if not self._is_ours(request):
                return response.json({"error": "token"}, status=401)
            return await _respond(request)

        return routes


async def _respond(request: Request) -> HTTPResponse:
    try:
        inbound = read_inbound(request.json)
    except (ValueError, InvalidUsage) as error:
        return response.json({"error": f"malformed: {error}"}, status=400)
    try:
        return response.json(await take_turn(request.app.ctx.agent, inbound), ensure_ascii=False)
    except BadCommand as error:
        return response.json({"error": f"malformed: {error}"}, status=400)
    except TurnFailed as error:
        logger.warning("turn failed: %s", error)
        return response.json({"error": str(error)}, status=503)
    except Exception as error:  # noqa: BLE001 the worker tries again on 503
        # Only its kind is logged: the message may hold what the customer wrote.
        logger.error("turn failed: %s", type(error).__name__)
        return response.json({"error": type(error).__name__}, status=503)
