"""Too much is answered clearly: the one who writes too fast is told once, the platform is asked to come again."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from sqlalchemy import select, text

from backend.conversations import overflow
from backend.conversations.models import InboundMessage, InboundState, Kind, OutboundMessage
from backend.core import business, live
from backend.core.db import Database
from backend.core.settings import Settings
from tests.channels.accounts import make_app
from tests.channels.sms.test_webhooks import post, sms

Limit = Callable[..., None]


@pytest.fixture
def limit(monkeypatch: pytest.MonkeyPatch) -> Limit:
    """Changes the insurer's settings for one test."""

    def change(name: str, **values: object) -> None:
        monkeypatch.setitem(business.DEFAULTS, name, business.DEFAULTS[name] | values)

    return change


async def says(client: httpx.AsyncClient, number: int, **fields: str) -> httpx.Response:
    return await post(client, sms(f"question {number}", MessageSid=f"SM{number}", **fields))


async def states(database: Database) -> list[str]:
    async with database.session() as session:
        return list(await session.scalars(select(InboundMessage.state).order_by(InboundMessage.id)))


async def told(database: Database) -> list[OutboundMessage]:
    async with database.session() as session:
        return list(
            await session.scalars(select(OutboundMessage).where(OutboundMessage.kind == Kind.INTERIM))
        )


async def test_who_writes_too_fast_is_told_once_and_every_message_is_recorded(
    client: httpx.AsyncClient,
    database: Database,
    limit: Limit,
) -> None:
    limit("rate_limits", contact="3/minute")
    answers = [(await says(client, number)).status_code for number in range(6)]
    assert answers == [200] * 6
    assert await states(database) == [InboundState.STORED] * 3 + [InboundState.NO_REPLY_DUE] * 3
    (notice,) = await told(database)
    assert "faster than I can answer" in notice.text


async def test_an_opt_out_counts_however_fast_it_comes(
    client: httpx.AsyncClient,
    database: Database,
    limit: Limit,
) -> None:
    limit("rate_limits", contact="1/minute")
    await says(client, 1)
    await post(client, sms("STOP", MessageSid="SM9"))
    async with database.session() as session:
        assert await session.scalar(text("SELECT opted_out_at IS NOT NULL FROM contacts"))


async def test_over_the_accounts_limit_everybody_is_told_and_answered_later(
    client: httpx.AsyncClient,
    database: Database,
    limit: Limit,
) -> None:
    limit("rate_limits", account="2/minute")
    for number in range(3):
        await says(client, number, From=f"+1212555017{number}")
    assert await states(database) == [InboundState.STORED] * 3
    (notice,) = await told(database)
    assert notice.recipient == "+12125550172"


async def test_a_conversation_holds_a_bounded_number_of_waiting_messages(
    client: httpx.AsyncClient,
    database: Database,
) -> None:
    await says(client, 0)
    async with database.session.begin() as session:
        await session.execute(
            text(
                "INSERT INTO inbound_messages (contact_id, conversation_id, external_id, seq, type, text, payload,"
                " language, received_at, state, attempts) SELECT contact_id, conversation_id, 'x' || n, 100 + n, type,"
                " text, payload, language, received_at, 'stored', 0 FROM inbound_messages,"
                f" generate_series(2, {overflow.MOST_WAITING}) n"
            )
        )
        await session.execute(text("UPDATE conversations SET last_seq = 500"))
    for number in (1, 2):
        await says(client, number)
    assert (await states(database)).count(InboundState.STORED) == overflow.MOST_WAITING
    assert len(await told(database)) == 1


async def test_when_all_is_too_much_the_platform_is_asked_to_post_again(
    client: httpx.AsyncClient,
    database: Database,
    limit: Limit,
) -> None:
    limit("overload", waiting_messages=0)
    refused = await says(client, 1)
    assert (refused.status_code, refused.headers["retry-after"]) == (503, "5")
    assert await states(database) == []


async def test_an_address_that_posts_what_nobody_signed_must_wait(
    client: httpx.AsyncClient,
    limit: Limit,
) -> None:
    limit("rate_limits", refused_posts="3/minute")
    forged = [
        (await post(client, sms(MessageSid=f"SM{n}"), signature="forged")).status_code for n in range(6)
    ]
    assert forged[:3] == [403] * 3
    assert forged[-1] == 429


async def test_without_redis_nobody_is_limited(
    database: Database,
    limit: Limit,
    settings: Settings,
    tmp_path: Path,
) -> None:
    limit("rate_limits", contact="1/minute")
    gone = live.connect(f"unix://{tmp_path}/nobody.sock")
    transport = httpx.ASGITransport(make_app(settings, database, gone))
    async with httpx.AsyncClient(transport=transport, base_url="http://api") as alone:
        for number in range(3):
            assert (await says(alone, number)).status_code == 200
    assert await states(database) == [InboundState.STORED] * 3
    await gone.aclose()
