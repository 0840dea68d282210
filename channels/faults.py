"""Failures that tests switch on in the platforms' fakes."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from fastapi import APIRouter
from pydantic import BaseModel, Field


class Fault(BaseModel):
    """What the next `count` calls meet, of those whose path has `path` in it.

    `status` and `code` are the platform's answer (`code` 0: none of its own); `takes` whether the message
    is taken, at once, all the same; `delay` seconds before the answer, longer than a client waits for "no answer at
    all".
    """

    count: int = Field(default=1, ge=1)
    status: int = 500
    code: int = 0
    takes: bool = False
    delay: float = 0.0
    path: str = ""

    async def answers(self) -> None:
        """Return when it is time for the answer."""
        await asyncio.sleep(self.delay)


@dataclass
class Faults:
    """Faults in the order in which they were switched on."""

    waiting: list[Fault] = field(default_factory=list)

    async def next(self, path: str = "") -> Fault | None:
        """The fault that a call of `path` meets; after its delay unless the call is taken first."""
        fault = next((fault for fault in self.waiting if fault.path in path), None)
        if fault is None:
            return None
        fault.count -= 1
        if fault.count < 1:
            self.waiting.remove(fault)
        if not fault.takes:
            await fault.answers()
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
