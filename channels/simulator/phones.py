"""What the phones show: everything that arrived or was sent, by phone number or openid, in order."""

from __future__ import annotations

import asyncio
import itertools
from collections import deque
from typing import Any

from backend.core import clock

Entry = dict[str, Any]
KEPT = 5000


class Phones:
    """The entries of all phones. `seq` grows; a later entry of kind `status` changes an earlier one."""

    def __init__(self) -> None:
        self._entries: deque[Entry] = deque(maxlen=KEPT)
        self._numbers = itertools.count(1)
        self._changed = asyncio.Event()

    def add(self, key: str, app: str, kind: str, **details: Any) -> Entry:
        """Put an entry on the phone of `key`; `app`: wechat, sms, log; `kind`: in, out, status, typing, http …"""
        at = clock.now().isoformat(timespec="seconds")
        entry: Entry = {"seq": next(self._numbers), "key": key, "app": app, "kind": kind, "at": at, **details}
        self._entries.append(entry)
        self._changed.set()
        self._changed = asyncio.Event()
        return entry

    def after(self, keys: set[str], seq: int) -> list[Entry]:
        """The entries of these keys that came after `seq`."""
        return [entry for entry in self._entries if entry["seq"] > seq and entry["key"] in keys]

    async def wait(self, keys: set[str], seq: int, seconds: float) -> list[Entry]:
        """The same, waiting up to `seconds` for the first."""
        deadline = asyncio.get_running_loop().time() + seconds
        while not (found := self.after(keys, seq)):
            left = deadline - asyncio.get_running_loop().time()
            if left <= 0:
                return []
            try:
                await asyncio.wait_for(self._changed.wait(), left)
            except TimeoutError:
                return []
        return found
