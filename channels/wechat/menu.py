"""The account's menu: which words an entry stands for, and how the menu is published."""

from __future__ import annotations

import asyncio
from functools import cache
from pathlib import Path
from typing import Any

import yaml

MENU = Path(__file__).with_name("menu.yml")


@cache
def _menu() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load(MENU.read_text(encoding="utf-8"))
    return loaded


def _entries() -> list[dict[str, Any]]:
    return [leaf for entry in _menu()["button"] for leaf in entry.get("sub_button", [entry])]


@cache
def spoken_entries() -> dict[str, str]:
    """Key of each entry → what a customer would have written instead of tapping it."""
    return {entry["key"]: entry["says"] for entry in _entries() if "says" in entry}


def definition() -> dict[str, Any]:
    """The menu as the platform wants it: every entry with a key is a click."""

    def plain(entry: dict[str, Any]) -> dict[str, Any]:
        if "sub_button" in entry:
            return {"name": entry["name"], "sub_button": [plain(leaf) for leaf in entry["sub_button"]]}
        return {"type": "click", "name": entry["name"], "key": entry["key"]}

    return {"button": [plain(entry) for entry in _menu()["button"]]}


async def publish() -> None:
    """Put the menu on the account that the settings name."""
    from backend.core import live
    from backend.core.settings import Settings
    from channels.wechat.client import WeChatClient

    settings = Settings()
    redis = live.connect(settings.redis_url)
    client = WeChatClient(settings.wechat, redis)
    try:
        await client.call("/cgi-bin/menu/create", definition())
    finally:
        await client.close()
        await redis.aclose()


if __name__ == "__main__":
    asyncio.run(publish())
    print("The menu is published.")
