"""Short dialogues of a customer with the running product, as dialogues_<language>.yml describes them.

A dialogue is a list of steps: `say` posts a message, `hear` is a pattern that the answer must match (its named groups
are remembered), `verify` proves who the customer is with phone, last four and code, `record` looks into the CRM.
`{name}` in any of them stands for what is known of the customer, or for a remembered group.
"""

from __future__ import annotations

import asyncio
import re
import secrets
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import httpx
import yaml
from dotenv import dotenv_values

from backend.demo.company import company
from backend.demo.person import Person
from backend.policies.models import PolicyStatus
from tests.e2e.conftest import Product
from tests.faults.phones import Address, Phone, SmsPhone, WebPhone, WeChatPhone

PATIENCE = 90.0
PHONES = {"sms": SmsPhone, "wechat": WeChatPhone, "web": WebPhone}
FIRST_NUMBER = 7000
PLAYED = 60
"""The first of the demo's people have drafts, change requests and agents' work already."""
Step = dict[str, Any]


@dataclass
class Dialogue:
    """One conversation to play: its steps, the customer's language and channel, and what they must own."""

    name: str
    channel: str
    language: str
    steps: list[Step]
    owns: str | None = None
    claim: str | None = None
    known: dict[str, str] = field(default_factory=dict)
    person: Person | None = None

    def filled(self, text: str) -> str:
        """Put what is known in place of the names in braces."""
        return re.sub(r"\{(\w+)\}", lambda name: self.known.get(name[1], name[0]), text)


def dialogues(language: str) -> list[Dialogue]:
    """Those of one language (zh or en)."""
    read = yaml.safe_load(Path(__file__).with_name(f"dialogues_{language}.yml").read_text("utf-8"))
    return [Dialogue(language=language, **one) for one in read]


def cast(played: list[Dialogue], today: date) -> None:
    """Give every dialogue that needs one a demo customer of its own, who owns what it needs."""
    free = [person for person in company(today)[PLAYED:] if person.policies]
    for dialogue in sorted((one for one in played if one.owns or one.claim), key=lambda one: not one.claim):
        for person in free:
            if known := _fits(person, dialogue):
                dialogue.person, dialogue.known = person, dialogue.known | known
                free.remove(person)
                break
        else:
            raise LookupError(f"nobody in the demo company fits {dialogue.name}")


def _fits(person: Person, dialogue: Dialogue) -> dict[str, str] | None:
    named = {"phone": person.phone, "last4": person.last4, "name": person.name}
    if dialogue.claim:
        claims = [one for one in person.claims if one.steps[-1].stage == dialogue.claim]
        return named | {"claim": claims[0].number} if len(person.claims) == len(claims) == 1 else None
    owned = [one for one in person.policies if one.product == dialogue.owns]
    is_one = len(owned) == 1 and owned[0].status == PolicyStatus.ACTIVE
    return named | {"policy": owned[0].number} if is_one and not person.claims else None


class Player:
    """Plays dialogues against a running product."""

    def __init__(self, product: Product, http: httpx.AsyncClient) -> None:
        made_up = dotenv_values(product.data_folder / "secrets.env")
        settings = {name: str(value) for name, value in {**made_up, **product.environment}.items()}
        self._address = Address(product.base_url, product.simulator_url, settings, http)

    async def until_the_platforms_answer(self) -> None:
        """Wait for the simulator, which is no part of the product and may come up after it."""
        deadline = _in(PATIENCE)
        while True:
            try:
                await self._address.http.get(f"{self._address.simulator_url}/_fake/twilio/messages")
                return
            except httpx.HTTPError:
                assert time.monotonic() < deadline, "the simulator did not start"
                await asyncio.sleep(0.5)

    async def play(self, number: int, dialogue: Dialogue) -> str | None:
        """Play one dialogue; returns what went wrong, None when all was as described."""
        phone = PHONES[dialogue.channel](self._address, FIRST_NUMBER + number)
        try:
            for step in _simple(dialogue.steps):
                await self._do(phone, dialogue, step)
        except AssertionError as error:
            return f"{dialogue.language} {dialogue.name}: {error}"
        finally:
            await phone.close()
        return None

    async def _do(self, phone: Phone, dialogue: Dialogue, step: Step) -> None:
        if "code" in step:
            dialogue.known["code"] = await self._code(dialogue.known["phone"])
        if "record" in step:
            await self._check_record(dialogue, step["record"])
        if "say" in step:
            heard = len(await phone.received())
            message_id = _message_id(dialogue.channel)
            text = dialogue.filled(step["say"])
            assert await _acknowledged(phone, message_id, text), f"“{text}” was not acknowledged"
            await self._hear(phone, dialogue, heard, text, step["hear"])

    async def _hear(self, phone: Phone, dialogue: Dialogue, seen: int, said: str, pattern: str) -> None:
        wanted, deadline = re.compile(dialogue.filled(pattern), re.IGNORECASE | re.DOTALL), _in(PATIENCE)
        while True:
            answer = "\n".join((await phone.received())[seen:])
            if found := wanted.search(answer):
                dialogue.known |= {name: value for name, value in found.groupdict().items() if value}
                return
            assert time.monotonic() < deadline, f"“{said}” was answered “{answer}”, not {wanted.pattern}"
            await asyncio.sleep(0.3)

    async def _code(self, number: str) -> str:
        """The newest code that arrived on the person's phone."""
        deadline = _in(PATIENCE)
        while time.monotonic() < deadline:
            answer = await self._address.http.get(f"{self._address.simulator_url}/_fake/twilio/messages")
            bodies = [str(one["body"]) for one in answer.json() if one["to"] == number]
            codes = [code for body in bodies for code in re.findall(r"(?<!\d)\d{6}(?!\d)", body)]
            if codes:
                return codes[-1]
            await asyncio.sleep(0.3)
        raise AssertionError(f"no code arrived at {number}")

    async def _check_record(self, dialogue: Dialogue, wanted: dict[str, Any]) -> None:
        """Get an address of the API; every value named must be there, as a pattern of the whole value's text."""
        path = dialogue.filled(wanted["at"])
        headers = {"Authorization": f"Bearer {self._address.settings['ANDA_SERVICE_TOKEN']}"}
        answer = await self._address.http.get(f"{self._address.base_url}{path}", headers=headers)
        assert answer.status_code == 200, f"{path} answered {answer.status_code}"
        found = answer.json()
        for name, pattern in wanted["has"].items():
            value = _value(found, name)
            assert re.search(dialogue.filled(str(pattern)), str(value)), f"{path}: {name} is {value}"


def _value(found: Any, name: str) -> Any:
    """Look up `a.b`; of a list the first item."""
    for part in name.split("."):
        found = found[0] if isinstance(found, list) and found else found
        found = found.get(part) if isinstance(found, dict) else None
    return found


def _simple(steps: list[Step]) -> Iterator[Step]:
    """The steps with the proof of identity written out; what is `heard` then is the answer that had to wait."""
    for step in steps:
        if "verify" not in step:
            yield step
            continue
        yield {"say": "{phone}", "hear": "后四位|last four"}
        yield {"say": "{last4}", "hear": "6 位|6-digit"}
        yield {"code": True, "say": "{code}", "hear": step["verify"]}


def _message_id(channel: str) -> str:
    """An id as the platform makes it."""
    return f"SM{secrets.token_hex(16)}" if channel == "sms" else str(10**17 + secrets.randbelow(10**17))


def _in(seconds: float) -> float:
    return time.monotonic() + seconds


async def _acknowledged(phone: Phone, message_id: str, text: str) -> bool:
    for _ in range(20):
        if await phone.post(message_id, text):
            return True
        await asyncio.sleep(0.5)
    return False
