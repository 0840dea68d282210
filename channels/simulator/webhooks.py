"""Posts to our webhooks as the platforms do: to the public address, wherever the api process really listens."""

from __future__ import annotations

import httpx

from channels.simulator.phones import Phones

PLATFORM_WAITS = 5.0


class Webhooks:
    """`public_url` is what the platforms were told and sign, `api_url` where the post goes."""

    def __init__(self, public_url: str, api_url: str, http: httpx.AsyncClient, phones: Phones) -> None:
        self.public_url, self._api_url = public_url, api_url
        self._http, self._phones = http, phones

    async def post(
        self,
        key: str,
        url: str,
        body: bytes,
        headers: dict[str, str],
        readable: str,
        timeout: float = PLATFORM_WAITS,
    ) -> httpx.Response | None:
        """Post once and write it to the log of `key`, decrypted; None when no answer came in time."""
        answer = ""
        target = url.replace(self.public_url, self._api_url, 1)
        try:
            response: httpx.Response | None = await self._http.post(
                target, content=body, headers=headers, timeout=timeout
            )
        except httpx.HTTPError as error:
            response, answer = None, type(error).__name__
        self._phones.add(
            key,
            "log",
            "http",
            direction="webhook",
            method="POST",
            url=url,
            headers=headers,
            request=readable,
            status=response.status_code if response is not None else None,
            response=response.text if response is not None else answer,
        )
        return response
