import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.conversations.intake import IncomingMessage
from backend.core.errors import BadRequest, Forbidden
from channels.wechat.callback import decrypt, signature_of
from channels.wechat.menu import definition, spoken_entries
from channels.wechat.parse import TemplateResult, event_id, parse
from channels.wechat.xml import parse_xml
from tests.channels.wechat.posts import envelope, event_fields, text_fields, to_xml

APP = "wx0123456789abcdef"
KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"


def message_of(fields: dict[str, str]) -> IncomingMessage:
    parsed = parse(parse_xml(to_xml(fields).encode()), APP, spoken_entries())
    assert isinstance(parsed, IncomingMessage)
    return parsed


@pytest.mark.parametrize(
    ("fields", "kind", "text", "payload"),
    [
        ({"MsgType": "text", "Content": "你好"}, "text", "你好", {}),
        ({"MsgType": "image", "PicUrl": "u", "MediaId": "m"}, "image", "", {}),
        ({"MsgType": "voice", "MediaId": "m", "Recognition": "查保单"}, "voice", "查保单", {}),
        (
            {"MsgType": "voice", "MediaId": "m", "Format": "amr"},
            "voice",
            "",
            {"Format": "amr"},
        ),
        ({"MsgType": "video", "MediaId": "m"}, "video", "", {}),
        ({"MsgType": "shortvideo", "MediaId": "m"}, "video", "", {}),
        (
            {"MsgType": "location", "Location_X": "31.2", "Location_Y": "121.4", "Label": "人民大道"},
            "location",
            "人民大道",
            {"Location_X": "31.2", "Location_Y": "121.4", "Label": "人民大道"},
        ),
        (
            {"MsgType": "location", "Location_X": "31.2", "Location_Y": "121.4", "Label": ""},
            "location",
            "31.2, 121.4",
            {"Location_X": "31.2", "Location_Y": "121.4"},
        ),
        ({"MsgType": "link", "Title": "t", "Url": "u"}, "link", "t u", {"Title": "t", "Url": "u"}),
        (
            {"MsgType": "miniprogrampage", "Title": "t"},
            "unsupported",
            "",
            {"MsgType": "miniprogrampage", "Title": "t"},
        ),
    ],
)
def test_message_types(fields: dict[str, str], kind: str, text: str, payload: dict[str, str]) -> None:
    message = message_of(text_fields() | {"Content": ""} | fields)
    assert (message.type, message.text, message.payload) == (kind, text, payload)
    assert message.allowance is not None
    assert message.allowance[:2] == ("message", 5)


@pytest.mark.parametrize(
    ("event", "effect", "reason"),
    [
        ("subscribe", "follow", "follow"),
        ("unsubscribe", "unfollow", None),
        ("SCAN", None, "scan"),
        ("CLICK", None, "menu"),
        ("VIEW", None, None),
        ("LOCATION", None, None),
        ("never_heard_of", None, None),
    ],
)
def test_events(event: str, effect: str | None, reason: str | None) -> None:
    message = message_of(event_fields(event, EventKey="42"))
    assert (message.type, message.effect) == ("event", effect)
    assert (message.allowance[0] if message.allowance else None) == reason


def test_a_tap_on_a_menu_message_is_a_choice() -> None:
    assert message_of(text_fields("查理赔进度", bizmsgmenuid="choice:abc")).choice == "choice:abc"


def test_the_scan_of_a_menu_key_speaks_like_a_tap() -> None:
    scanned = message_of(event_fields("SCAN", EventKey="report", Ticket="t"))
    assert (scanned.type, scanned.text) == ("text", "我要报案")


def test_files_are_named_for_fetching_and_their_addresses_are_not_kept() -> None:
    sent = message_of(text_fields(MsgType="image", Content="", PicUrl="https://public.example", MediaId="m1"))
    assert [(media.kind, media.ref) for media in sent.media] == [("image", "m1")]
    assert "public.example" not in str(sent.payload)


def test_events_differ_by_time_event_and_key() -> None:
    first = message_of(event_fields("CLICK", EventKey="claims")).external_id
    assert first != message_of(event_fields("CLICK", EventKey="human")).external_id
    assert first != message_of(event_fields("VIEW", EventKey="claims")).external_id
    assert first != message_of(event_fields("CLICK", EventKey="claims", CreateTime="1795305601")).external_id
    assert len(event_id("o", "1", "VIEW", "https://x.example/" + "a" * 3000)) < 200


def test_the_menu_says_what_each_entry_means() -> None:
    keys = [leaf["key"] for entry in definition()["button"] for leaf in entry.get("sub_button", [entry])]
    assert sorted(keys) == sorted(spoken_entries())
    assert len(definition()["button"]) <= 3


XML_TEXT = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff"), max_size=200
)


@given(
    st.dictionaries(
        st.sampled_from(["Content", "MsgId", "Event", "EventKey", "bizmsgmenuid", "MsgType"]), XML_TEXT
    )
)
def test_any_fields_are_a_message_or_a_bad_request(fields: dict[str, str]) -> None:
    for base in (envelope("text"), envelope("event")):
        try:
            parsed = parse(parse_xml(to_xml(base | fields).encode()), APP, {})
        except BadRequest:
            continue
        assert isinstance(parsed, IncomingMessage | TemplateResult)


@given(st.binary(max_size=400) | XML_TEXT.map(lambda text: f"<xml><a>{text}</a></xml>".encode()))
def test_any_body_is_fields_or_a_bad_request(body: bytes) -> None:
    try:
        fields = parse_xml(body)
    except BadRequest:
        return
    assert all(isinstance(value, str) for value in fields.values())


@given(st.text(max_size=300) | st.binary(max_size=300).map(lambda raw: raw.hex()))
def test_anything_not_encrypted_for_us_is_a_value_error(encrypted: str) -> None:
    with pytest.raises(ValueError):
        decrypt(KEY, APP, encrypted)


def test_signatures_sort_their_parts() -> None:
    assert (
        signature_of("b", "a", "c")
        == signature_of("c", "b", "a")
        == "a9993e364706816aba3e25717850c26c9cd0d89d"
    )
    assert issubclass(Forbidden, Exception)


def test_a_character_that_xml_does_not_know_loses_no_message() -> None:
    assert (
        parse_xml("<xml><Content><![CDATA[你好\x14\x07，世界]]></Content></xml>".encode())["Content"]
        == "你好，世界"
    )
