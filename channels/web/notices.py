"""What other processes and consoles tell over Redis, passed on to the tabs that it concerns."""

from __future__ import annotations

from typing import Any

from channels.web.visitors import Visitor, Visitors


class Notices:
    """Passes notices on; a lost one costs seconds, because every tab reads the database again."""

    def __init__(self, visitors: Visitors) -> None:
        self._visitors = visitors

    async def pass_on(self, notice: dict[str, Any]) -> None:
        """A notice for one contact (`to`), or for consoles about a conversation."""
        if "to" in notice:
            await self._to_contact(notice)
        elif isinstance(notice.get("conversation"), int):
            await self._about_conversation(notice)

    async def _about_conversation(self, notice: dict[str, Any]) -> None:
        tabs = _ours(self._visitors.in_conversation(notice["conversation"]))
        if notice.get("type") == "typing" and notice.get("speaker") == "agent":
            await self._visitors.tell(tabs, "bot_typing", {"speaker": "agent"})
        elif notice.get("type") == "read":
            await self._visitors.tell(tabs, "read", {"seq": notice.get("seq", 0)})

    async def _to_contact(self, notice: dict[str, Any]) -> None:
        sender, event = notice["to"], notice.get("event")
        tabs = self._visitors.of(sender)
        ours = _ours(tabs)
        if event == "message":
            await self._visitors.deliver([sender], [notice["id"]])
        elif event == "heard":
            await self._visitors.tell([tab for tab in ours if tab.sid != notice.get("by")], "changed")
            if notice.get("is_bot"):
                await self._visitors.tell(ours, "bot_typing")
        elif event == "forgotten":
            for visitor in tabs:
                visitor.sender = None
            await self._visitors.tell(ours, "session_ended")


def _ours(tabs: list[Visitor]) -> list[Visitor]:
    return [tab for tab in tabs if tab.is_ours]
