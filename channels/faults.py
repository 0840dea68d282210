"""Failures that tests switch on in the platforms' fakes."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from fastapi import APIRouter
from pydantic import BaseModel, Field


class Fault(BaseModel):
    """What the next `count` sends meet.

    `status` and `code` are the platform's answer (`code` 0: none of its own); `takes` whether the message
    is taken all the same; `delay` seconds before the answer, longer than a client waits for "no answer at all".
    """

    count: int = Field(default=1, ge=1)
    status: int = 500
    code: int = 0
    takes: bool = False
    delay: float = 0.0


@dataclass
class Faults:
    """Faults in the order in which they were switched on."""

    waiting: list[Fault] = field(default_factory=list)

    async def next(self) -> Fault | None:
        """The fault that this send meets, after its delay."""
        if not self.waiting:
            return None
        fault = self.waiting[0]
        fault.count -= 1
        if fault.count < 1:
            self.waiting.pop(0)
        await asyncio.sleep(fault.delay)
        return fault

    def router(self, prefix: str) -> APIRouter:
        """`POST {prefix}/faults` switches one on, `DELETE` switches all off."""
        router = APIRouter(prefix=prefix)

        @router.post("/faults", status_code=204)
        async def switch_on(fault: Fault) -> None:
            self.waiting.append(fault)

        @router.delete("/faults", status_code=204)
        async def switch_off() -> None:
            self.waiting.clear()

        return router
