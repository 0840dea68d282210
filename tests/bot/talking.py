"""Talks to the trained bot with its real actions and the fake CRM, as a customer would.

By hand, in Rasa's environment: `python tests/bot/talking.py SCRIPT.yml…` prints the conversations.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
SERVICE_PYTHON = ROOT / ".venv" / "service" / "bin" / "python"
TOKEN = "for-tests"
NOW = "2026-11-22T01:02:03Z"
CHANNELS = {"w": "web", "s": "sms", "x": "wechat"}


def scripts() -> dict[str, list[dict[str, Any]]]:
    """Return the conversations of every file of `conversations/`."""
    import yaml

    folder = Path(__file__).with_name("conversations")
    return {path.stem: yaml.safe_load(path.read_text("utf-8")) for path in sorted(folder.glob("*.yml"))}


def said_in_conversations() -> list[str]:
    """Return what the customers say in them."""
    turns = (turn for read in scripts().values() for script in read for turn in script["turns"])
    return [turn["say"] for turn in turns if "say" in turn]


def said_in_dialogues() -> list[str]:
    """Return what the customers say in the dialogues with the running product."""
    import yaml

    files = sorted((ROOT / "tests" / "e2e").glob("dialogues_*.yml"))
    read = (dialogue for path in files for dialogue in yaml.safe_load(path.read_text("utf-8")))
    return [step["say"] for dialogue in read for step in dialogue["steps"] if "say" in step]


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@contextlib.contextmanager
def neighbours() -> Iterator[tuple[str, str]]:
    """Start the actions and the fake CRM; gives their addresses, and stops them at the end."""
    actions, crm = (f"http://127.0.0.1:{free_port()}" for _ in range(2))
    environment = {
        **os.environ,
        "ANDA_ACTIONS_URL": actions,
        "ANDA_API_URL": crm,
        "ANDA_KNOWLEDGE_URL": crm,
        "ANDA_SERVICE_TOKEN": TOKEN,
    }
    started = [
        subprocess.Popen(
            [SERVICE_PYTHON, "-m", *command], cwd=ROOT, env=environment, stderr=subprocess.DEVNULL
        )
        for command in (["actions"], ["tests.actions.fake_crm", crm.rpartition(":")[2]])
    ]
    try:
        for address in (f"{actions}/health", f"{crm}/api/v1/bot/tickets"):
            _wait_for(address)
        yield actions, crm
    finally:
        for process in started:
            process.terminate()
        for process in started:
            process.wait(10)


def _wait_for(address: str) -> None:
    for _ in range(300):
        with contextlib.suppress(OSError):
            urllib.request.urlopen(address, timeout=2).close()
            return
        time.sleep(0.2)
    raise TimeoutError(address)


def post(address: str) -> None:
    """Send an empty POST, such as the fake CRM's `/reset`."""
    urllib.request.urlopen(urllib.request.Request(address, method="POST"), timeout=5).close()


@dataclass
class Heard:
    """What came back for one message."""

    texts: list[str]
    responses: list[str]
    buttons: list[dict[str, str]] = field(default_factory=list)
    intent: str | None = None
    confidence: float = 0.0
    form: str | None = None
    seconds: float = 0.0


class Customer:
    """One contact; the first letter of the name is the channel: w(eb), s(ms), x (WeChat)."""

    def __init__(self, agent: Any, crm: str, name: str, language: str, episode: str = "1") -> None:
        """Take the loaded agent and the fake CRM's address."""
        self.episode = episode
        self.agent = agent
        self.crm = crm
        self.name = name
        self.language = language
        self.count = 0

    def _level(self, message_id: str) -> int:
        request = urllib.request.Request(f"{self.crm}/api/v1/bot/me", headers={"X-Anda-Message": message_id})
        with urllib.request.urlopen(request, timeout=5) as answer:
            return int(json.load(answer)["level"])

    async def says(self, text: str) -> Heard:
        """Send a text, or a button's payload (`/intent{…}`), and return what comes back."""
        from bot.channel import read_inbound
        from bot.turn import replies_to, take_turn

        self.count += 1
        message_id = f"{self.name}-{self.count}"
        body = {
            "message_id": message_id,
            "sender_id": f"{self.name}:{self.episode}",
            "text": "" if text.startswith("/") else text,
            "command": text if text.startswith("/") else None,
            "language": self.language,
            "channel": CHANNELS[self.name[0]],
            "level": self._level(message_id),
            "received_at": NOW,
        }
        started = time.perf_counter()
        answer = await take_turn(self.agent, read_inbound(body))
        seconds = time.perf_counter() - started
        tracker = await self.agent.tracker_store.retrieve(body["sender_id"])
        found = replies_to(tracker, message_id)
        said = [str(one.metadata.get("utter_action")) for one in found[1]] if found else []
        buttons = [button for reply in answer["replies"] for button in reply.get("buttons", [])]
        return Heard(
            [reply["text"] for reply in answer["replies"]],
            said,
            buttons,
            answer["intent"],
            answer["confidence"],
            answer["active_form"],
            seconds,
        )


def load_agent(model: str, actions: str) -> Any:
    """Return the trained bot with trackers in memory."""
    from rasa.core.agent import Agent
    from rasa.core.lock_store import InMemoryLockStore
    from rasa.core.tracker_store import InMemoryTrackerStore
    from rasa.utils.endpoints import EndpointConfig

    from bot.remote_actions import install
    from bot.wording import Wording

    install()
    endpoint = EndpointConfig(
        f"{actions}/webhook",
        headers={"Authorization": f"Bearer {TOKEN}"},
        enable_selective_domain=True,
    )
    agent = Agent(
        generator=Wording(),
        tracker_store=InMemoryTrackerStore(None),
        lock_store=InMemoryLockStore(),
        action_endpoint=endpoint,
    )
    agent.load_model(model)
    return agent


async def _print_conversations(agent: Any, crm: str, texts: list[str]) -> None:
    import yaml

    for text in texts:
        for script in yaml.safe_load(text):
            print(f"\n=== {script['name']}")
            people: dict[str, Customer] = {}
            post(f"{crm}/reset")
            for line in script["turns"]:
                if "proof" in line:
                    post(f"{crm}/stale")
                    continue
                who, text = line["who"] if "who" in line else script["who"], line["say"]
                language = script.get("language", "zh-Hans")
                customer = people.setdefault(who, Customer(agent, crm, who, language, script["name"]))
                heard = await customer.says(text)
                known = (
                    f"{heard.intent} {heard.confidence:.2f} {heard.form or ''} {heard.seconds * 1000:.0f} ms"
                )
                print(f"  {who}> {text}    [{known}]")
                for said, name in zip(heard.texts, heard.responses, strict=False):
                    print("      " + said.replace("\n", "\n      ") + f"   <{name}>")
                if heard.buttons:
                    print("      " + " ".join(f"[{one['title']}]" for one in heard.buttons))


def main() -> None:
    """Print the conversations of the scripts named on the command line."""
    sys.path.insert(0, str(ROOT))
    from bot.quiet import configure_logging, prepare_environment

    prepare_environment()
    os.environ.setdefault("ANDA_NOW", NOW)
    configure_logging()
    from bot.settings import read_settings

    with neighbours() as (actions, crm):
        agent = load_agent(str(read_settings().model), actions)
        asyncio.run(
            _print_conversations(agent, crm, [Path(path).read_text("utf-8") for path in sys.argv[1:]])
        )


if __name__ == "__main__":
    main()
