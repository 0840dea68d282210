"""Our bot and a stock Rasa project on the same data, action server, CRM and kind of tracker store, both running."""

from __future__ import annotations

import contextlib
import os
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import psutil

from backend.launch.processes import BOT_PYTHON
from bot.settings import sqlalchemy_url
from tests.bench.frame import ROOT, Product, free_port

TOKEN = "bench-service-token"
RECEIVED_AT = "2026-11-23T01:02:03+00:00"


@dataclass(frozen=True)
class Bot:
    """A running bot: where it takes messages and what they look like there."""

    address: str
    pid: int
    is_ours: bool

    def processor_seconds(self) -> float:
        """What its process has used so far; the actions and the CRM are processes of their own."""
        used = psutil.Process(self.pid).cpu_times()
        return float(used.user + used.system)

    def message(self, sender: str, number: int, text: str) -> tuple[str, dict[str, Any]]:
        """Return the URL and body for one message; `sender` is a verified customer of the fake CRM."""
        told = {
            "message_id": f"wv{sender}-{number}",
            "language": "en" if text.isascii() else "zh-Hans",
            "channel": "web",
            "level": 2,
            "received_at": RECEIVED_AT,
        }
        if self.is_ours:
            return f"{self.address}/webhooks/anda/message", {
                **told, "sender_id": sender, "text": text, "command": None,
            }  # fmt: skip
        return f"{self.address}/webhooks/rest/webhook", {"sender": sender, "message": text, "metadata": told}

    async def say(self, http: httpx.AsyncClient, sender: str, number: int, text: str) -> None:
        """Have one turn; an empty answer is an error."""
        url, body = self.message(sender, number, text)
        answer = await http.post(url, json=body, headers={"Authorization": f"Bearer {TOKEN}"})
        answer.raise_for_status()
        said = answer.json()["replies"] if self.is_ours else answer.json()
        if not said:
            raise RuntimeError(f"“{text}” had no answer")

    async def intent(self, http: httpx.AsyncClient, text: str) -> str:
        """Return what it makes of a sentence."""
        parsed = await http.post(f"{self.address}/model/parse?token={TOKEN}", json={"text": text})
        parsed.raise_for_status()
        return str(parsed.json()["intent"]["name"])


def models_folder() -> Path:
    """The data folder whose models are measured: the checkout's, unless the environment names another."""
    return Path(os.environ.get("ANDA_DATA_DIR") or ROOT / "var").resolve()


def stock_model() -> Path:
    """The trained stock project, kept under the data folder; training it takes about an hour of processor time."""
    folder = models_folder() / "cache" / "stock"
    print("the stock project is trained, for about an hour, unless that was done …", flush=True)
    command = [str(BOT_PYTHON), "-m", "tests.bot.stock_project", str(folder)]
    told = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True).stdout
    return Path(told.splitlines()[-1])


@contextlib.contextmanager
def _neighbours(product: Product) -> Iterator[dict[str, str]]:
    """The action server and the fake CRM, which every bot here calls; gives the settings to reach them."""
    crm, actions, ours = (f"http://127.0.0.1:{free_port()}" for _ in range(3))
    with product.database() as database:
        settings = product.environment(
            database,
            ANDA_DATA_DIR=str(models_folder()),
            ANDA_API_URL=crm,
            ANDA_KNOWLEDGE_URL=crm,
            ANDA_ACTIONS_URL=actions,
            ANDA_BOT_URL=ours,
            RASA_TELEMETRY_ENABLED="false",
            SQLALCHEMY_SILENCE_UBER_WARNING="1",
            TF_CPP_MIN_LOG_LEVEL="3",
            SANIC_HOST="127.0.0.1",
        )
        port = [crm.rpartition(":")[2]]
        with (
            product.process("tests.actions.fake_crm", settings, f"{crm}/api/v1/bot/tickets", port),
            product.process("actions", settings, f"{actions}/health"),
        ):
            yield settings


@contextlib.contextmanager
def _ours(product: Product, settings: dict[str, str]) -> Iterator[Bot]:
    address = settings["ANDA_BOT_URL"]
    ready = f"{address}/webhooks/anda/health"
    with product.process("bot", settings, ready, ["run"], str(BOT_PYTHON)) as pid:
        yield Bot(address, pid, is_ours=True)


@contextlib.contextmanager
def _stock(product: Product, settings: dict[str, str]) -> Iterator[Bot]:
    model, port = stock_model(), str(free_port())
    files = {name: str(model.with_name(f"{name}.yml")) for name in ("endpoints", "credentials")}
    arguments = ["run", "--model", str(model), "--interface", "127.0.0.1", "--port", port, "--enable-api"]
    arguments += ["--auth-token", TOKEN]
    arguments += ["--endpoints", files["endpoints"], "--credentials", files["credentials"]]
    with product.database() as database:
        theirs = settings | {
            "RASA_ACTION_URL": f"{settings['ANDA_ACTIONS_URL']}/webhook",
            "RASA_DATABASE_URL": sqlalchemy_url(database),
            "LOG_LEVEL": "WARNING",
        }
        address = f"http://127.0.0.1:{port}"
        with product.process("rasa", theirs, f"{address}/version", arguments, str(BOT_PYTHON)) as pid:
            yield Bot(address, pid, is_ours=False)


@contextlib.contextmanager
def our_bot(product: Product) -> Iterator[Bot]:
    """Our bot with its actions and a fake CRM."""
    with _neighbours(product) as settings, _ours(product, settings) as ours:
        yield ours


@contextlib.contextmanager
def both_bots(product: Product) -> Iterator[tuple[Bot, Bot]]:
    """Ours and the stock project, each with a database of its own in the same PostgreSQL."""
    with (
        _neighbours(product) as settings,
        _ours(product, settings) as ours,
        _stock(product, settings) as stock,
    ):
        yield ours, stock
