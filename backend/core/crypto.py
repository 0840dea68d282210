"""Field encryption: AES-256-GCM with rotating keys, and a keyed blind index for look-ups.

ANDA_ENCRYPTION_KEYS is `name:base64key[,name:base64key…]`, 32 bytes each. The first one encrypts, all decrypt.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

NONCE = 12


class DecryptionFailed(ValueError):
    """The value was not sealed by one of our keys for this purpose, or it was changed."""


class Vault:
    """Seals short texts. A sealed text is `name:base64(nonce + ciphertext)` and opens only for the same purpose."""

    def __init__(self, keys: str) -> None:
        self._keys: dict[str, bytes] = {}
        for entry in filter(None, (part.strip() for part in keys.split(","))):
            name, separator, encoded = entry.partition(":")
            key = base64.b64decode(encoded) if separator else b""
            if len(key) != 32:
                raise ValueError("ANDA_ENCRYPTION_KEYS must be name:base64 of 32 bytes, separated by commas")
            self._keys[name] = key
        if not self._keys:
            raise ValueError("ANDA_ENCRYPTION_KEYS is empty")
        self._current = next(iter(self._keys))
        # The index survives rotation as long as the oldest key stays in the list.
        oldest = self._keys[list(self._keys)[-1]]
        self._index_key = HKDFExpand(hashes.SHA256(), 32, b"anda blind index").derive(oldest)

    def seal(self, text: str, purpose: str) -> str:
        """Encrypt; `purpose` (table.column) is bound in, so a value cannot be moved to another column."""
        nonce = os.urandom(NONCE)
        ciphertext = AESGCM(self._keys[self._current]).encrypt(nonce, text.encode(), purpose.encode())
        return f"{self._current}:{base64.b64encode(nonce + ciphertext).decode()}"

    def open(self, sealed: str, purpose: str) -> str:
        """Decrypt; raises `DecryptionFailed`."""
        name, _, encoded = sealed.partition(":")
        raw = base64.b64decode(encoded)
        try:
            return AESGCM(self._keys[name]).decrypt(raw[:NONCE], raw[NONCE:], purpose.encode()).decode()
        except (KeyError, InvalidTag) as error:
            raise DecryptionFailed(purpose) from error

    @property
    def current(self) -> str:
        """The name of the key that encrypts."""
        return self._current

    def is_current(self, sealed: str) -> bool:
        """Whether the value was sealed with the key that encrypts now."""
        return sealed.partition(":")[0] == self._current

    def sign(self, text: str, purpose: str) -> str:
        """A keyed proof `name:hex` that we wrote `text`; `proves` checks it as long as that key is known."""
        return f"{self._current}:{self._proof(self._current, text, purpose)}"

    def proves(self, signature: str, text: str, purpose: str) -> bool | None:
        """Whether `signature` is ours for `text`; None when its key is no longer known."""
        name, _, proof = signature.partition(":")
        if name not in self._keys:
            return None
        return hmac.compare_digest(proof, self._proof(name, text, purpose))

    def _proof(self, name: str, text: str, purpose: str) -> str:
        key = HKDFExpand(hashes.SHA256(), 32, b"anda signature").derive(self._keys[name])
        return hmac.new(key, f"{purpose}\0{text}".encode(), hashlib.sha256).hexdigest()

    def blind_index(self, text: str, purpose: str) -> str:
        """A keyed hash, equal for equal texts of the same purpose; for look-ups without decryption."""
        return hmac.new(self._index_key, f"{purpose}\0{text}".encode(), hashlib.sha256).hexdigest()
