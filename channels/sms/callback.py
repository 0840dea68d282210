"""Twilio's callbacks: a form is trusted only when the signature over our public address and the form fits."""

from __future__ import annotations

import hmac
from urllib.parse import parse_qsl

from fastapi import Request
from starlette.datastructures import ImmutableMultiDict
from twilio.request_validator import RequestValidator

from backend.core.errors import BadRequest, Forbidden
from backend.core.settings import Settings
from channels.webhook import read_body

FORM = "application/x-www-form-urlencoded"
SIGNATURE = "x-twilio-signature"
MAX_FIELDS = 300

Form = ImmutableMultiDict[str, str]


async def signed_form(request: Request) -> dict[str, str]:
    """The callback's fields, NUL characters removed.

    Raises `Forbidden` without Twilio's signature, `TooLarge` over 1 MB, `BadRequest` when signed but no form.
    """
    signature = request.headers.get(SIGNATURE, "")
    if not signature or not signature.isascii():
        raise Forbidden("The signature is missing or wrong.")
    body = await read_body(request)
    form, is_form = parse_form(request.headers.get("content-type", ""), body)
    settings: Settings = request.app.state.settings
    token = settings.twilio.auth_token.get_secret_value()
    if not token or not _is_signed(RequestValidator(token), public_url(settings, request), form, signature):
        raise Forbidden("The signature is missing or wrong.")
    if not is_form:
        raise BadRequest("The body is not a form.")
    return {name: value.replace("\0", "") for name, value in form.items()}


def _is_signed(validator: RequestValidator, url: str, form: Form, signature: str) -> bool:
    """As Twilio's own check, which tries the address with and without its port: the one we gave it mostly fits."""
    expected = validator.compute_signature(url, form)
    return hmac.compare_digest(expected, signature) or validator.validate(url, form, signature)


def parse_form(content_type: str, body: bytes) -> tuple[Form, bool]:
    """The fields, blank ones included, and whether the body is a form at all.

    A damaged form is still read as far as it goes, because the signature is checked before it is refused.
    """
    if content_type.partition(";")[0].strip().lower() != FORM:
        return ImmutableMultiDict([]), False
    try:
        return _fields(body, "strict"), True
    except ValueError:
        pass
    try:
        return _fields(body, "replace"), False
    except ValueError:
        return ImmutableMultiDict([]), False


def _fields(body: bytes, errors: str) -> Form:
    pairs = parse_qsl(
        body.decode("utf-8", errors), keep_blank_values=True, errors=errors, max_num_fields=MAX_FIELDS
    )
    return ImmutableMultiDict(pairs)


def public_url(settings: Settings, request: Request) -> str:
    """The address that Twilio called and signed: ours as the world sees it, the query string included."""
    query = f"?{request.url.query}" if request.url.query else ""
    return f"{settings.base_url}{request.url.path}{query}"
