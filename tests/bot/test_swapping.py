"""A new model takes over between two turns: none is lost, none is answered by half of each."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from aiohttp import web
from test_turn import CONTRACT, ActionServer, Bench, _bench, model, unused_tcp_port  # noqa: F401 fixtures

from bot.channel import read_inbound
from bot.swapping import follow, serving
from bot.turn import take_turn
from bot.versions import Versions


class SlowActions(ActionServer):
    """Answers when it is told to."""

    def __init__(self) -> None:
        super().__init__()
        self.asked, self.may_answer = asyncio.Event(), asyncio.Event()

    async def answer(self, request: web.Request) -> web.Response:
        self.asked.set()
        await self.may_answer.wait()
        return await super().answer(request)


def put(versions: Versions, version: str, model: str) -> None:  # noqa: F811
    """Put a copy of the small model in force."""
    shutil.copy(model, versions.model(version))
    versions.put_in_force(version)


async def until(app: Any, version: str) -> None:
    for _ in range(3000):
        if serving(app.ctx.agent) == version:
            return
        await asyncio.sleep(0.02)
    raise AssertionError(f"{version} was not taken")


async def say(app: Any, message_id: str, text: str = "理赔进度") -> dict[str, Any]:
    body = {**CONTRACT["request"], "message_id": message_id, "text": text}
    return await take_turn(app.ctx.agent, read_inbound(body))


def test_a_turn_ends_with_the_model_it_began_with(
    model: str,  # noqa: F811
    unused_tcp_port: int,  # noqa: F811
    tmp_path: Path,
) -> None:
    async def inside() -> None:
        versions = Versions(tmp_path)
        put(versions, "one", model)
        async for bench in _bench(str(versions.model("one")), unused_tcp_port, SlowActions()):
            app = SimpleNamespace(ctx=SimpleNamespace(agent=bench.agent))
            following = asyncio.create_task(follow(app, versions, look_seconds=0.02))
            begun = asyncio.create_task(say(app, "1"))
            await bench.actions.asked.wait()
            put(versions, "two", model)
            await until(app, "two")
            bench.actions.may_answer.set()
            first, second, again = await begun, await say(app, "2"), await say(app, "1")
            assert (first["model"], second["model"], again["model"]) == ("one", "two", "one")
            assert first["replies"] == second["replies"] == again["replies"]
            assert again["replayed"]
            following.cancel()

    asyncio.run(inside())


def test_a_broken_model_leaves_the_old_one_serving_and_the_next_good_one_is_taken(
    model: str,  # noqa: F811
    unused_tcp_port: int,  # noqa: F811
    tmp_path: Path,
) -> None:
    async def inside() -> None:
        versions = Versions(tmp_path)
        put(versions, "one", model)
        async for bench in _bench(str(versions.model("one")), unused_tcp_port, ActionServer()):
            app = SimpleNamespace(ctx=SimpleNamespace(agent=bench.agent))
            following = asyncio.create_task(follow(app, versions, look_seconds=0.02))
            versions.model("broken").write_bytes(b"no model")
            versions.put_in_force("broken")
            await asyncio.sleep(0.5)
            assert (await say(app, "1", "谢谢"))["model"] == "one"
            put(versions, "three", model)
            await until(app, "three")
            assert (await say(app, "2", "谢谢"))["model"] == "three"
            following.cancel()

    asyncio.run(inside())
