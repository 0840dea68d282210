"""What the outbox asks of a channel: send one message, and say honestly what became of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol


@dataclass(frozen=True)
class Choice:
    """A button: the opaque token the platform gives back, what the customer reads, and the digit that means it."""

    token: str
    title: str
    number: int = 0


@dataclass(frozen=True)
class Outgoing:
    """One message ready to be rendered for its channel; `client_id` is the same at every try."""

    id: int
    channel: str
    account: str
    recipient: str
    lane: str
    kind: str
    text: str
    language: str
    speaker: str
    created_at: datetime
    client_id: str
    choices: list[Choice] = field(default_factory=list)
    link: dict[str, Any] | None = None


@dataclass(frozen=True)
class Sent:
    """The platform took it, under this id."""

    platform_id: str | None
    segments: int | None = None


class SendRejected(Exception):
    """The platform will never take this message for this recipient."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(f"{code} {detail}".strip())
        self.code = code


class SendLater(Exception):
    """The platform did not take it; trying again may help."""

    def __init__(self, code: str, detail: str = "", retry_after: float | None = None) -> None:
        super().__init__(f"{code} {detail}".strip())
        self.code = code
        self.retry_after = retry_after


class OutcomeUnknown(Exception):
    """The request left and no answer came: the platform may have taken it."""


class Sender(Protocol):
    """One channel's way out."""

    repeats_when_unknown: bool
    """Whether a send of unknown outcome is repeated once when `look_up` finds nothing."""

    async def send(self, message: Outgoing) -> Sent:
        """Send; raises `SendRejected`, `SendLater` or `OutcomeUnknown`."""

    async def look_up(self, message: Outgoing) -> Sent | None:
        """What the platform knows of a message whose outcome is unknown; None when it knows nothing of it."""
