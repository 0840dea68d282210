"""The demo's people and the ids they have on each platform."""

from __future__ import annotations

import base64
import hashlib
import time
from dataclasses import asdict, dataclass
from typing import Any

import httpx

KEEP = 30.0
MOST = 2000


@dataclass(frozen=True)
class Person:
    """Someone whose phone can be played; `phone` may be another person's too."""

    id: int
    name: str
    latin_name: str
    phone: str
    language: str
    openid: str

    def shown(self) -> dict[str, Any]:
        """As the page gets it."""
        return asdict(self)


def demo_openid(customer_id: int) -> str:
    """The WeChat id of a demo customer: `o` and 27 characters that always are the same."""
    digest = hashlib.sha256(f"anda-demo:{customer_id}".encode()).digest()
    return "o" + base64.urlsafe_b64encode(digest).decode()[:27]


class People:
    """The customers that the CRM API lists, kept for half a minute."""

    def __init__(self, api_url: str, service_token: str, http: httpx.AsyncClient) -> None:
        self._url, self._http = f"{api_url}/api/v1/customers", http
        self._headers = {"Authorization": f"Bearer {service_token}"}
        self._people: dict[int, Person] = {}
        self._read_at = 0.0

    async def all(self) -> list[Person]:
        """Everyone with a phone; raises `httpx.HTTPError` while the API is away and nothing was read yet."""
        if not self._people or time.monotonic() - self._read_at > KEEP:
            try:
                self._people = {person.id: person async for person in self._read()}
            except httpx.HTTPError:
                if not self._people:
                    raise
            self._read_at = time.monotonic()
        return list(self._people.values())

    async def get(self, person_id: int) -> Person | None:
        """One person, also one who became a customer a moment ago."""
        if person_id not in self._people:
            self._read_at = 0.0
        await self.all()
        return self._people.get(person_id)

    async def _read(self) -> Any:
        cursor: str | None = None
        seen = 0
        while seen < MOST:
            query = {"limit": "200"} | ({"cursor": cursor} if cursor else {})
            response = await self._http.get(self._url, params=query, headers=self._headers)
            response.raise_for_status()
            page = response.json()
            for item in page["items"]:
                seen += 1
                if item.get("phone"):
                    yield _person(item)
            cursor = page["next"]
            if cursor is None:
                return


def _person(item: dict[str, Any]) -> Person:
    return Person(
        id=item["id"],
        name=item["name"],
        latin_name=item.get("latin_name") or "",
        phone=item["phone"],
        language=item.get("language") or "zh-Hans",
        openid=demo_openid(item["id"]),
    )
