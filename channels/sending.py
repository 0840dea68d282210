"""What the outbox asks of a channel: send one message, and say honestly what became of it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

PLACE = re.compile(r"\{(\w+)\}")


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
    # The inbound message it answers: what people type as a number means a choice of the latest answer.
    answers: int | None = None
    image: Picture | None = None
    # Where its file can be opened, for channels that cannot show it: {title, url}.
    file: dict[str, Any] | None = None
    # Later messages that leave inside this one, because the platform allows no more sends.
    carried: tuple[Outgoing, ...] = ()
    # A text longer than one send goes in parts; this one is due, counted from 0.
    part: int = 0
    template: Template | None = None
    # Where the whole of a shortened text can be read: a path of ours.
    more: str = "/"

    @property
    def leads_to(self) -> dict[str, Any] | None:
        """The link below its text, if any."""
        return self.link or self.file


@dataclass(frozen=True)
class Picture:
    """A stored file (backend.core.files) that is sent as a picture."""

    name: str
    content_type: str


@dataclass(frozen=True)
class Template:
    """A wording that the platform approved: its id there, its fields with `{values}`, and the values."""

    id: str
    fields: dict[str, str]
    values: dict[str, str]

    def filled(self) -> dict[str, str]:
        """The fields with the values in their places; an unknown name is left empty."""
        return {
            name: PLACE.sub(lambda found: self.values.get(found.group(1), ""), pattern)
            for name, pattern in self.fields.items()
        }


@dataclass(frozen=True)
class Sent:
    """The platform took it, under this id; `is_all` is False while more parts of the message are to go."""

    platform_id: str | None
    segments: int | None = None
    is_all: bool = True


class SendRejected(Exception):
    """The platform will never take this message for this recipient.

    `opted_out`: the person stopped our messages there. `is_over`: no more may be sent until they write again.
    """

    def __init__(
        self, code: str, detail: str = "", *, opted_out: bool = False, is_over: bool = False
    ) -> None:
        super().__init__(f"{code} {detail}".strip())
        self.code, self.opted_out, self.is_over = code, opted_out, is_over


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
