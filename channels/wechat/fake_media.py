"""The fake platform's media: what phones sent us, and what we uploaded to send it."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field

LARGEST = 10 * 1024 * 1024
PICTURES = ("image/jpeg", "image/png", "image/gif")


@dataclass
class FakeMedia:
    """Files by media id, the newest kept."""

    files: dict[str, tuple[bytes, str]] = field(default_factory=dict)

    def add(self, data: bytes, content_type: str) -> str:
        """Keep a file; gives its media id."""
        media_id = secrets.token_urlsafe(48)
        self.files[media_id] = (data, content_type)
        for oldest in list(self.files)[:-200]:
            del self.files[oldest]
        return media_id

    def objection(self, data: bytes, content_type: str) -> int:
        """The error code of an upload that the platform refuses, or 0."""
        if content_type not in PICTURES:
            return 40005
        return 45001 if len(data) > LARGEST else 0
