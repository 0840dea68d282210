"""Session ids of the web chat: secrets that we issue and sign; only a hash of them is stored."""

from __future__ import annotations

import hmac
import secrets

from backend.core import clock
from backend.core.access import hash_token
from backend.core.crypto import Vault

PURPOSE = "web session"
LONGEST = 200
DAY = 86_400
# A session that nobody came back to for so many days is over; one in use is renewed.
LASTS = 30


class Tokens:
    """Issues session ids and tells whose they are. The signing key derives from ANDA_ENCRYPTION_KEYS."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault

    def issue(self) -> str:
        """A fresh session id: `secret.day.signature`."""
        return self._signed(secrets.token_urlsafe(24))

    def sender_of(self, token: object) -> str | None:
        """The contact's external id for a session id of ours that still lasts; None for anything else."""
        secret = self._secret_of(token)
        return None if secret is None else hash_token(secret)

    def renewed(self, token: str) -> str:
        """The same session as of today; `token` is one of ours."""
        secret = self._secret_of(token)
        return token if secret is None else self._signed(secret)

    def _secret_of(self, token: object) -> str | None:
        if not isinstance(token, str) or len(token) > LONGEST or not token.isascii():
            return None
        content, _, signature = token.rpartition(".")
        if not hmac.compare_digest(signature, self._sign(content)):
            return None
        secret, _, day = content.partition(".")
        is_over = not day.isdecimal() or _today() - int(day) > LASTS
        return None if is_over or not secret else secret

    def _signed(self, secret: str) -> str:
        content = f"{secret}.{_today()}"
        return f"{content}.{self._sign(content)}"

    def _sign(self, content: str) -> str:
        return self._vault.blind_index(content, PURPOSE)


def _today() -> int:
    return int(clock.now().timestamp()) // DAY
