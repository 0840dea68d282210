"""Places where a process can be made to die, to prove that nothing is lost or doubled there.

Off unless ANDA_FAIL_POINTS names a folder. A file in it arms the point of its name for one death: whoever reaches the
point and takes the file away ends at once, as after `kill -9`.
"""

from __future__ import annotations

import os

from starlette.types import ASGIApp, Message, Receive, Scope, Send

SETTING = "ANDA_FAIL_POINTS"
POINTS = ("after_store", "after_bot", "after_side_effect", "after_send")
KILLED = 137


def reached(point: str) -> None:
    """Die here if the point is armed."""
    folder = os.environ.get(SETTING)
    if not folder:
        return
    try:
        os.unlink(os.path.join(folder, point))  # noqa: PTH108, PTH118 one system call decides who dies
    except OSError:
        return
    os._exit(KILLED)


class AfterSideEffect:
    """Dies when a write of the bot has been committed and before its answer leaves."""

    def __init__(self, app: ASGIApp, prefix: str = "/api/v1/bot/") -> None:
        self._app, self._prefix = app, prefix

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        is_write = scope["type"] == "http" and scope["method"] == "POST"
        if not (is_write and scope["path"].startswith(self._prefix)):
            await self._app(scope, receive, send)
            return

        async def watched(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] < 300:
                reached("after_side_effect")
            await send(message)

        await self._app(scope, receive, watched)
