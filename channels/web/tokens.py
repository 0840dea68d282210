"""Session ids of the web chat: secrets that we issue and sign; only a hash of them is stored."""

from __future__ import annotations

import hmac
import secrets

from backend.core.access import hash_token
from backend.core.crypto import Vault

PURPOSE = "web session"
LONGEST = 200


class Tokens:
    """Issues session ids and tells whose they are. The signing key derives from ANDA_ENCRYPTION_KEYS."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault

    def issue(self) -> str:
        """A fresh session id: `secret.signature`."""
        secret = secrets.token_urlsafe(24)
        return f"{secret}.{self._sign(secret)}"

    def sender_of(self, token: object) -> str | None:
        """The contact's external id for a session id of ours; None for anything else."""
        if not isinstance(token, str) or len(token) > LONGEST or not token.isascii():
            return None
        secret, _, signature = token.partition(".")
        if not secret or not hmac.compare_digest(signature, self._sign(secret)):
            return None
        return hash_token(secret)

    def _sign(self, secret: str) -> str:
        return self._vault.blind_index(secret, PURPOSE)
