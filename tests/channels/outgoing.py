"""Messages of ours, ready to be rendered."""

from datetime import timedelta
from typing import Any

from backend.core import clock
from channels.sending import Choice, Outgoing


def outgoing(recipient: str, text: str = "Hello", **changes: Any) -> Outgoing:
    """A bot's reply, created a moment ago."""
    values: dict[str, Any] = {
        "id": 1,
        "channel": "sms",
        "account": "+15550100000",
        "recipient": recipient,
        "lane": "reply",
        "kind": "message",
        "text": text,
        "language": "en",
        "speaker": "bot",
        "created_at": clock.now() - timedelta(seconds=1),
        "client_id": "anda-1",
    }
    return Outgoing(**(values | changes))


MENU = [Choice("choice:one", "My claim", 1), Choice("choice:two", "My policies", 2)]
