"""Files of customers: stored as messages before the answer, once, and shown to the same person alone."""

from __future__ import annotations

import asyncio
import io
from pathlib import Path
from typing import Any

import httpx
import pytest
from PIL import Image
from sqlalchemy import text

from backend.core.files import LARGEST
from channels.web.limits import Limits
from tests.channels.web.uploading import PDF, a_picture
from tests.channels.web.visits import Chat, Visit, until

MEDIA = "SELECT kind, state, file_name, content_type, size FROM inbound_media ORDER BY id"


async def hand_in(
    chat: Chat, token: str | None, data: bytes, name: str = "invoice.jpg", **fields: Any
) -> httpx.Response:
    """As the page does it."""
    headers = {"X-Anda-Session": token} if token else {}
    async with httpx.AsyncClient(base_url=chat.url, trust_env=False) as client:
        return await client.post(
            "/channels/web/uploads", headers=headers, data=fields, files={"file": (name, data)}
        )


async def fetch(chat: Chat, token: str | None, media_id: int, size: str = "full") -> httpx.Response:
    headers = {"X-Anda-Session": token} if token else {}
    async with httpx.AsyncClient(base_url=chat.url, trust_env=False) as client:
        return await client.get(f"/channels/web/uploads/{media_id}", params={"size": size}, headers=headers)


def kept_files(chat: Chat) -> list[Path]:
    folder = chat.app.state.settings.data_dir / "files"
    return [path for path in folder.rglob("*") if path.is_file()]


async def test_a_picture_becomes_a_message_with_a_stored_file(chat: Chat) -> None:
    visit = await chat.visit()
    response = await hand_in(chat, visit.token, a_picture(), message_id="m-1")
    assert response.status_code == 201
    answer = response.json()
    assert (answer["message_id"], answer["name"], answer["content_type"], answer["seq"]) == (
        "m-1", "invoice.jpg", "image/jpeg", 1,
    )  # fmt: skip
    (row,) = await chat.rows(MEDIA)
    assert (row.kind, row.state, row.size) == ("image", "stored", answer["size"])
    (message,) = await chat.rows("SELECT type, text, state FROM inbound_messages")
    assert (message.type, message.text, message.state) == ("image", "", "stored")
    assert len(kept_files(chat)) == 1


async def test_a_pdf_is_a_file_and_the_form_may_carry_the_session(chat: Chat) -> None:
    visit = await chat.visit()
    response = await hand_in(chat, None, PDF, "保单.pdf", session_id=visit.token)
    assert response.status_code == 201
    assert (response.json()["content_type"], response.json()["name"]) == ("application/pdf", "保单.pdf")
    assert (await chat.rows(MEDIA))[0].kind == "file"


async def test_the_same_message_again_is_stored_once(chat: Chat) -> None:
    visit = await chat.visit()
    answers = await asyncio.gather(
        *(hand_in(chat, visit.token, a_picture(), message_id="m-1") for _ in range(4))
    )
    assert sorted(answer.status_code for answer in answers) == [200, 200, 200, 201]
    assert len({answer.json()["media_id"] for answer in answers}) == 1
    assert len(await chat.rows(MEDIA)) == len(kept_files(chat)) == 1


async def test_the_id_of_another_message_is_refused(chat: Chat) -> None:
    visit = await chat.visit()
    await visit.say("hi", "m-1")
    response = await hand_in(chat, visit.token, a_picture(), message_id="m-1")
    assert (response.status_code, response.json()["code"]) == (422, "invalid")
    assert kept_files(chat) == []


async def test_numbers_in_file_names_are_hidden(chat: Chat) -> None:
    visit = await chat.visit()
    await hand_in(chat, visit.token, a_picture(), "身份证11010519491231002X.jpg")
    (row,) = await chat.rows(MEDIA)
    assert "1101051949" not in row.file_name
    assert "⟦id:" in row.file_name


@pytest.mark.parametrize("token", [None, "", "forged", "a.b.c"])
async def test_without_a_session_of_ours_nothing_is_taken(chat: Chat, token: str | None) -> None:
    response = await hand_in(chat, token, a_picture())
    assert (response.status_code, response.json()["code"]) == (401, "unauthenticated")
    assert kept_files(chat) == []


@pytest.mark.parametrize(
    ("data", "name", "status", "code"),
    [
        (b"MZ\x90\x00 a program", "photo.jpg", 415, "unsupported_file"),
        (b"<html><script>alert(1)</script>", "page.png", 415, "unsupported_file"),
        (a_picture()[:200], "half.jpg", 415, "unsupported_file"),
        (b"", "empty.jpg", 415, "unsupported_file"),
        (PDF + b"x" * LARGEST, "big.pdf", 413, "too_large"),
    ],
)
async def test_what_cannot_be_taken_is_refused_by_its_content(
    chat: Chat, data: bytes, name: str, status: int, code: str
) -> None:
    visit = await chat.visit()
    response = await hand_in(chat, visit.token, data, name)
    assert (response.status_code, response.json()["code"]) == (status, code)
    assert await chat.rows("SELECT id FROM inbound_messages") == []
    assert kept_files(chat) == []


async def test_a_body_that_never_ends_is_cut_off(chat: Chat) -> None:
    visit = await chat.visit()

    async def endless() -> Any:
        yield b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.jpg"\r\n\r\n'
        for _ in range(40):
            yield b"x" * 1_000_000

    headers = {"X-Anda-Session": visit.token, "Content-Type": "multipart/form-data; boundary=x"}
    async with httpx.AsyncClient(base_url=chat.url, trust_env=False) as client:
        try:
            response = await client.post("/channels/web/uploads", headers=headers, content=endless())
        except httpx.WriteError:
            return  # closed on us while we were still writing
    assert response.status_code == 413


@pytest.mark.parametrize(
    ("content", "content_type"),
    [
        (b"", "multipart/form-data"),
        (b"nonsense", "multipart/form-data; boundary=x"),
        (b"{}", "application/json"),
    ],
)
async def test_a_form_that_is_none_is_refused(chat: Chat, content: bytes, content_type: str) -> None:
    visit = await chat.visit()
    async with httpx.AsyncClient(base_url=chat.url, trust_env=False) as client:
        headers = {"X-Anda-Session": visit.token, "Content-Type": content_type}
        response = await client.post("/channels/web/uploads", headers=headers, content=content)
    assert response.status_code in (400, 422)
    assert response.headers["content-type"] == "application/problem+json"


async def test_who_hands_in_too_much_is_told_when_to_go_on(chat: Chat) -> None:
    chat.web.uploads._limits = Limits(chat.app.state.redis, is_on=True)
    visit, other = await chat.visit(), await chat.visit()
    answers = [await hand_in(chat, visit.token, PDF, f"{number}.pdf") for number in range(21)]
    assert [answer.status_code for answer in answers[:20]] == [201] * 20
    assert answers[20].status_code == 429
    assert 1 <= answers[20].json()["retry_after"] == int(answers[20].headers["retry-after"]) <= 60
    assert (await hand_in(chat, other.token, PDF)).status_code == 201


async def test_every_tab_sees_the_file_after_a_reload_too(chat: Chat) -> None:
    visit = await chat.visit()
    tab = await chat.visit(visit.token)
    await hand_in(chat, visit.token, a_picture(), message_id="m-1")
    await until(lambda: "changed" in tab.events)
    again = await chat.visit(visit.token)
    (item,) = (await again.call("history"))["items"]
    assert (item["type"], item["message_id"], item["state"]) == ("image", "m-1", "sent")
    (media,) = item["media"]
    assert (media["name"], media["state"]) == ("invoice.jpg", "stored")
    shown = await fetch(chat, visit.token, media["media_id"])
    assert shown.headers["content-type"] == "image/jpeg"
    assert shown.headers["content-disposition"].startswith("attachment")
    assert "sandbox" in shown.headers["content-security-policy"]
    assert shown.headers["x-content-type-options"] == "nosniff"


async def test_a_preview_is_small_and_the_right_way_up(chat: Chat) -> None:
    visit = await chat.visit()
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by a quarter
    written = io.BytesIO()
    Image.new("RGB", (2000, 1000), "white").save(written, "JPEG", exif=exif.tobytes())
    media_id = (await hand_in(chat, visit.token, written.getvalue())).json()["media_id"]
    small = Image.open(io.BytesIO((await fetch(chat, visit.token, media_id, "small")).content))
    assert small.size == (320, 640)


async def test_nobody_else_gets_the_file(chat: Chat) -> None:
    visit, stranger = await chat.visit(), await chat.visit()
    await stranger.say("hi")
    media_id = (await hand_in(chat, visit.token, a_picture())).json()["media_id"]
    assert (await fetch(chat, stranger.token, media_id)).status_code == 404
    assert (await fetch(chat, None, media_id)).status_code == 401
    assert (await fetch(chat, visit.token, media_id)).status_code == 200


async def test_the_next_person_at_this_computer_does_not_get_it(chat: Chat) -> None:
    visit = await chat.visit()
    media_id = (await hand_in(chat, visit.token, a_picture())).json()["media_id"]
    await chat.bind()
    assert (await fetch(chat, visit.token, media_id)).status_code == 200
    await chat.unbind()
    assert (await fetch(chat, visit.token, media_id)).status_code == 404
    assert (await visit.call("history"))["items"] == []


async def test_the_first_thing_said_may_be_a_picture_and_the_client_says_the_language(chat: Chat) -> None:
    visit = await chat.visit()
    await hand_in(chat, visit.token, a_picture(), language="en-GB")
    assert await chat.rows("SELECT language FROM conversations") == [("en",)]


async def test_the_bot_is_said_to_type_when_it_answers_the_file(chat: Chat) -> None:
    visit: Visit = await chat.visit()
    await visit.say("hi")
    visit.events.clear()
    await hand_in(chat, visit.token, a_picture())
    await until(lambda: "bot_typing" in visit.events)
    async with chat.app.state.database.session.begin() as session:
        await session.execute(text("UPDATE conversations SET mode = 'human'"))
    await visit.call("history")
    visit.events.clear()
    await hand_in(chat, visit.token, a_picture())
    await until(lambda: "changed" in visit.events)
    assert "bot_typing" not in visit.events
