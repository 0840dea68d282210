"""Hands a message to WeChat: as customer-service messages, or as a template message outside their allowance."""

from __future__ import annotations

import asyncio
import logging

from redis.asyncio import Redis

from backend.core import files
from backend.core.errors import NotFound
from backend.core.settings import Settings
from channels.sending import OutcomeUnknown, Outgoing, SendLater, SendRejected, Sent, Template
from channels.wechat.client import WeChatClient
from channels.wechat.rendering import PICTURES, contents

log = logging.getLogger(__name__)
# The platform's limits by the beginning of a field's name.
FIELD_LIMITS = {"thing": 20, "character_string": 32, "phrase": 5, "name": 10, "const": 20, "short_thing": 5}


class WeChatSender:
    """Customer-service messages. The platform cannot be asked what it took: an unknown send is repeated once.

    A template message may be repeated safely: the platform knows it by our id.
    """

    repeats_when_unknown = True

    def __init__(self, settings: Settings, redis: Redis, client: WeChatClient | None = None) -> None:
        self._client = client or WeChatClient(settings.wechat, redis)
        self._data_dir, self._base_url, self._zone = settings.data_dir, settings.base_url, settings.zone

    async def send(self, message: Outgoing) -> Sent:
        """Hand over `message`, or the part of it that is due; of templates alone the platform gives an id."""
        if message.template is not None:
            return Sent(await self._send_template(message, message.template))
        pieces = contents(message)
        place = min(message.part, len(pieces) - 1)
        piece = pieces[place]
        if piece["msgtype"] == "image":
            piece = {"msgtype": "image", "image": {"media_id": await self._upload(message)}}
        await self._client.send_custom({"touser": message.recipient} | piece)
        return Sent(None, is_all=place == len(pieces) - 1)

    async def _send_template(self, message: Outgoing, template: Template) -> str:
        times = {"time": message.created_at.astimezone(self._zone).strftime("%Y-%m-%d %H:%M")}
        filled = Template(template.id, template.fields, times | template.values).filled()
        url = message.link["url"] if message.link else f"{self._base_url}{message.more}"
        data = {name: _within_limit(name, value) for name, value in filled.items()}
        return await self._client.send_template(message.recipient, template.id, data, message.client_id, url)

    async def _upload(self, message: Outgoing) -> str:
        assert message.image is not None
        ending = PICTURES.get(message.image.content_type)
        if ending is None:
            raise SendRejected("unsupported_file")
        try:
            path = files.path_of(self._data_dir, message.image.name)
            data = await asyncio.to_thread(path.read_bytes)
        except (NotFound, OSError) as error:
            raise SendRejected("file_gone") from error
        try:
            return await self._client.upload_picture(
                data, f"{message.image.name}.{ending}", message.image.content_type
            )
        except OutcomeUnknown as error:  # nothing was shown to anybody: upload it again
            raise SendLater("upload") from error

    async def look_up(self, message: Outgoing) -> Sent | None:
        """Nothing: the platform offers no look-up. A template is simply sent again under its id."""
        return await self.send(message) if message.template is not None else None

    async def show_typing(self, openid: str) -> None:
        """Show "typing" where the platform lets us; never an error."""
        try:
            await self._client.show_typing(openid)
        except (SendRejected, SendLater, OutcomeUnknown) as error:
            log.debug("typing_not_shown", extra={"reason": str(error)})

    async def close(self) -> None:
        await self._client.close()


def _within_limit(field: str, value: str) -> str:
    """The value as long as its field allows; the platform refuses the whole message otherwise."""
    limit = FIELD_LIMITS.get(field.rstrip("0123456789"))
    value = " ".join(value.split())
    return value if limit is None or len(value) <= limit else value[: limit - 1] + "…"
