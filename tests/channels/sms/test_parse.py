import string
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st
from twilio.request_validator import RequestValidator

from backend.core.errors import BadRequest
from channels.sms.callback import FORM, parse_form
from channels.sms.parse import parse_inbound, parse_status
from channels.sms.segments import BODY_LIMIT, count_segments, in_bodies, shorten, units

TEXT = st.text(max_size=3000)


def test_twilios_own_vector() -> None:
    url = "https://mycompany.com/myapp.php?foo=1&bar=2"
    body = urlencode(
        {
            "CallSid": "CA1234567890ABCDE",
            "Caller": "+12349013030",
            "From": "+12349013030",
            "Digits": "1234",
            "To": "+18005551212",
        }
    )
    form, is_form = parse_form(FORM, body.encode())
    assert is_form
    assert RequestValidator("12345").validate(url, form, "0/KCTR6DLpKmkAf8muzZqo1nDgQ=")


@pytest.mark.parametrize(
    ("text", "segments"),
    [
        ("", 0),
        ("a" * 160, 1),
        ("a" * 161, 2),
        ("a" * 306, 2),
        ("a" * 307, 3),
        ("中" * 70, 1),
        ("中" * 71, 2),
        ("€" * 80, 1),
        ("€" * 81, 2),
        ("😀" * 35, 1),
        ("😀" * 36, 2),
    ],
)
def test_segments(text: str, segments: int) -> None:
    assert count_segments(text) == segments


@given(TEXT, st.sampled_from(["", "\n1. My claim\n2. 我的保单"]))
def test_a_shortened_text_fits_and_a_short_one_is_left_alone(text: str, ending: str) -> None:
    short = shorten(text, ending, 3, "https://chat.example/a/1")
    assert count_segments(short) <= 3
    assert short.endswith(ending)
    assert (short == text + ending) == (count_segments(text + ending) <= 3)
    assert short == text + ending or "https://chat.example/a/1" in short


def test_a_shortened_english_text_stays_in_the_cheap_alphabet() -> None:
    short = shorten("word " * 500, "", 6, "https://chat.example/")
    assert len(short) > 900
    assert count_segments(short) == 6


@given(TEXT.filter(lambda text: text == " ".join(text.split())))
def test_a_long_text_in_several_bodies_loses_no_word(text: str) -> None:
    bodies = in_bodies(text)
    assert max(units(body) for body in bodies) <= BODY_LIMIT
    assert "".join("".join(bodies).split()) == "".join(text.split())


@given(
    st.dictionaries(
        st.sampled_from(["MessageSid", "From", "To", "Body", "NumMedia", "OptOutType", "MediaUrl0"]), TEXT
    )
)
def test_any_form_is_a_message_or_a_bad_request(form: dict[str, str]) -> None:
    try:
        message = parse_inbound(form, "+15550100000")
    except BadRequest:
        assert not all(0 < len(form.get(name, "").strip()) <= 128 for name in ("MessageSid", "From", "To"))
    else:
        assert message.text == form.get("Body", "")
        assert message.external_id
        assert message.sender


@given(st.dictionaries(st.sampled_from(["MessageSid", "MessageStatus", "ErrorCode"]), TEXT))
def test_any_status_is_read_or_refused(form: dict[str, str]) -> None:
    try:
        update = parse_status(form)
    except BadRequest:
        return
    assert update.platform_id


@given(st.binary(max_size=2000), st.sampled_from([FORM, f"{FORM}; charset=utf-8", "application/json", ""]))
def test_any_body_is_a_form_or_not(body: bytes, content_type: str) -> None:
    form, is_form = parse_form(content_type, body)
    assert (
        is_form
        or not content_type.startswith(FORM)
        or b"%" in body
        or not body.isascii()
        or body.count(b"&") > 250
    )
    assert all(isinstance(value, str) for value in form.values())


@given(st.dictionaries(st.text(string.ascii_letters, min_size=1), TEXT, max_size=20))
def test_a_form_comes_back_as_it_was_sent(fields: dict[str, str]) -> None:
    fields = {name: value.encode("utf-8", "replace").decode() for name, value in fields.items()}
    form, is_form = parse_form(FORM, urlencode(fields).encode())
    assert (dict(form), is_form) == (fields, True)


def test_the_limit_is_twilios() -> None:
    assert BODY_LIMIT == 1600
