"""A bot that reports claims, agents' clients with a role, and pictures to hand in."""

from __future__ import annotations

import io
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
from fastapi import FastAPI
from PIL import Image
from sqlalchemy.ext.asyncio import AsyncSession

from backend.claims.documents import hand_in
from backend.conversations.models import InboundMedia
from backend.core import files
from backend.core.access import COOKIE, AgentSession, hash_token
from backend.core.crypto import Vault
from tests.factories import customer_says, make_agent
from tests.insurance import Asker


class Reporter(Asker):
    """A contact whose bot writes, too."""

    async def write(
        self, method: str, path: str, body: dict[str, Any] | None = None, key: str | None = None
    ) -> httpx.Response:
        receipt = await customer_says(self.session, self.vault, "你好", **self.contact)
        headers = {
            "X-Anda-Message": str(receipt.inbound_id),
            "Idempotency-Key": key or secrets.token_hex(8),
        }
        return await self.service.request(method, f"/api/v1/bot/{path}", json=body, headers=headers)

    async def send_picture(self, data_dir: Path, colour: str = "red") -> int:
        """A picture in the chat, stored and handed in as the worker does; its document id."""
        stored = files.keep(data_dir, picture(colour))
        receipt = await customer_says(self.session, self.vault, "", type="image", **self.contact)
        media = InboundMedia(
            inbound_id=receipt.inbound_id,
            position=0,
            kind="image",
            state="stored",
            stored_name=stored.name,
            content_type=stored.content_type,
            size=stored.size,
            sha256=stored.sha256,
        )
        self.session.add(media)
        await self.session.flush()
        await hand_in(self.session, receipt.inbound_id, media.id)
        await self.session.commit()
        return media.id


def picture(colour: str = "red", kind: str = "PNG") -> bytes:
    written = io.BytesIO()
    Image.new("RGB", (40, 30), colour).save(written, kind)
    return written.getvalue()


@asynccontextmanager
async def signed_in(
    app: FastAPI, session: AsyncSession, role: str = "supervisor"
) -> AsyncIterator[httpx.AsyncClient]:
    """The console's client of an agent with this role."""
    agent = await make_agent(session, role=role)
    token, now = secrets.token_urlsafe(16), datetime.now(UTC)
    session.add(
        AgentSession(
            agent_id=agent.id,
            token_hash=hash_token(token),
            created_at=now,
            expires_at=now + timedelta(hours=8),
        )
    )
    await session.commit()
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app=app),
        base_url="http://testserver",
        cookies={COOKIE: token},
        headers={"Origin": "http://testserver"},
    ) as client:
        yield client


def key() -> dict[str, str]:
    return {"Idempotency-Key": secrets.token_hex(8)}


def upload(data: bytes, name: str = "invoice.png", **fields: str) -> dict[str, Any]:
    """Arguments of a multipart post."""
    return {"files": {"file": (name, data, "application/octet-stream")}, "data": fields}


def vault_of(app: FastAPI) -> Vault:
    vault: Vault = app.state.vault
    return vault
