"""WeChat's callbacks: signatures, and in safe mode the encryption, are proved before anything is read."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import struct
from collections.abc import Mapping

from wechatpy.crypto.base import WeChatCipher
from wechatpy.utils import WeChatSigner

from backend.core.errors import Forbidden
from backend.core.settings import WeChatSettings
from channels.wechat.xml import parse_xml

BLOCK = 32


def signature_of(*parts: str) -> str:
    """SHA-1 over the sorted parts, as the platform makes `signature` and `msg_signature`."""
    signer = WeChatSigner()
    signer.add_data(*parts)
    return str(signer.signature)


def check_signature(settings: WeChatSettings, query: Mapping[str, str]) -> None:
    """Raises `Forbidden` unless `signature` is ours; every post carries it, encrypted ones too."""
    token = settings.token.get_secret_value()
    expected = signature_of(token, query.get("timestamp", ""), query.get("nonce", ""))
    _compare(expected, query.get("signature", ""), bool(token))


def open_post(settings: WeChatSettings, query: Mapping[str, str], body: bytes) -> dict[str, str]:
    """The fields of a post whose `signature` was checked, decrypted where the mode says so.

    Raises `Forbidden` for a plain post in safe mode and for a bad signature, padding or app id inside;
    `BadRequest` for what is no XML of the platform's.
    """
    is_encrypted = query.get("encrypt_type", "").lower() == "aes"
    mode = settings.callback_mode
    if mode == "plain" or (mode == "compatible" and not is_encrypted):
        return parse_xml(body)
    if not is_encrypted:
        raise Forbidden("This account takes encrypted posts only.")
    encrypted = parse_xml(body).get("Encrypt", "")
    token = settings.token.get_secret_value()
    expected = signature_of(token, query.get("timestamp", ""), query.get("nonce", ""), encrypted)
    _compare(expected, query.get("msg_signature", ""), bool(token and encrypted))
    try:
        xml = decrypt(settings.encoding_aes_key.get_secret_value(), settings.app_id, encrypted)
    except ValueError as error:
        raise Forbidden("The message was not encrypted for this account.") from error
    return parse_xml(xml)


def decrypt(encoding_aes_key: str, app_id: str, encrypted: str) -> bytes:
    """The XML inside: 16 random bytes, a length, the XML, the app id, PKCS7 in blocks of 32.

    Raises ValueError for anything that was not made so. The vendor's library strips the padding unseen, so
    this does not go through it.
    """
    key = base64.b64decode(encoding_aes_key + "=")
    try:
        ciphertext = base64.b64decode(encrypted.encode("ascii"), validate=True)
    except (binascii.Error, UnicodeEncodeError) as error:
        raise ValueError("not base64") from error
    if not ciphertext or len(ciphertext) % 16:
        raise ValueError("not whole blocks")
    plain: bytes = WeChatCipher(key).decrypt(ciphertext)
    pad = plain[-1]
    if not 1 <= pad <= BLOCK or plain[-pad:] != bytes([pad]) * pad or len(plain) - pad < 20:
        raise ValueError("wrong padding")
    content = plain[16:-pad]
    (length,) = struct.unpack(">I", content[:4])
    xml, sender = content[4 : 4 + length], content[4 + length :]
    if len(xml) != length or not hmac.compare_digest(sender, app_id.encode()):
        raise ValueError("another app id")
    return xml


def _compare(expected: str, given: str, is_possible: bool) -> None:
    # As bytes: compare_digest refuses non-ASCII text, which would be a crash instead of a refusal.
    digest = hashlib.sha256(given.encode("utf-8", "surrogateescape")).digest()
    matches = hmac.compare_digest(digest, hashlib.sha256(expected.encode()).digest())
    if not (matches and is_possible):
        raise Forbidden("The signature is missing or wrong.")
