"""The fault run at the size that `make test` affords; `make faults` is the whole one."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.faults.product import fault_product, remove
from tests.faults.run import SHORT, FaultRun


@pytest.mark.timeout(1200)
async def test_every_message_is_answered_once_and_in_order_whatever_dies(tmp_path: Path) -> None:
    product, points = fault_product(tmp_path)
    product.start()
    try:
        run = FaultRun(product, points, SHORT, seed=7)
        verdict = await run.run()
    finally:
        product.stop()
    assert verdict.wrong == []
    assert run.trouble.is_enough
    remove(product, tmp_path)
    assert verdict.counts["answered once, in order"] >= SHORT.conversations * SHORT.messages
