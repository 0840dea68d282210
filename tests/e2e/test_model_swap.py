"""A new model takes over while customers write: every message is answered, and answered once."""

from __future__ import annotations

import shutil
import time
from concurrent.futures import ThreadPoolExecutor

import httpx

from bot.versions import Versions
from tests.e2e.conftest import Product
from tests.e2e.sms import SmsPhone

EACH = 4


def model_of(product: Product) -> str | None:
    answer = httpx.get(f"{product.base_url}/health/parts", timeout=15, trust_env=False)
    model: str | None = answer.json()["model"]
    return model


def wait_for_model(product: Product, version: str) -> None:
    deadline = time.monotonic() + 60
    while model_of(product) != version:
        assert time.monotonic() < deadline, f"the bot did not take {version}"
        time.sleep(0.3)


def wait_for_phones(phone: SmsPhone) -> None:
    """The simulator is no part that readiness waits for."""
    deadline = time.monotonic() + 60
    while True:
        try:
            phone.received()
            return
        except httpx.HTTPError:
            assert time.monotonic() < deadline, "the simulator does not answer"
            time.sleep(0.3)


def test_no_message_is_lost_while_the_model_is_swapped_and_swapped_back(product: Product) -> None:
    versions = Versions(product.data_folder / "models" / "bot")
    before = versions.current
    assert before is not None
    assert model_of(product) == before
    phones = [SmsPhone(product, f"+1414555{number:04d}") for number in range(100, 104)]
    wait_for_phones(phones[0])

    def talk(phone: SmsPhone) -> None:
        for count in range(1, EACH + 1):
            assert phone.send("你好") == 200
            phone.wait_for(count, seconds=60)

    versions.add(
        "after", shutil.copy(versions.model(before), versions.folder / "copy"), versions.about(before)
    )
    with ThreadPoolExecutor(len(phones)) as pool:
        talks = [pool.submit(talk, phone) for phone in phones]
        phones[0].wait_for(1, seconds=60)
        versions.put_in_force("after")
        wait_for_model(product, "after")
        assert versions.roll_back(lambda: versions.about(before)["dialogue"]) == before
        wait_for_model(product, before)
        for one in talks:
            one.result()
    assert [len(phone.received()) for phone in phones] == [EACH] * len(phones)
