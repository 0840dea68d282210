"""Who works with notices: tokens with the rights of a supervisor."""

from __future__ import annotations

import secrets

import httpx

from backend.core.access import SCOPES, ApiToken, Role, hash_token
from tests.notices.office import Office


async def as_supervisor(office: Office, like: httpx.AsyncClient) -> httpx.AsyncClient:
    """A client of the same app, with a supervisor's rights."""
    return await with_scopes(office, like, *SCOPES[Role.SUPERVISOR])


async def with_scopes(office: Office, like: httpx.AsyncClient, *scopes: str) -> httpx.AsyncClient:
    token = secrets.token_hex(8)
    office.session.add(ApiToken(name=token, token_hash=hash_token(token), scopes=list(scopes)))
    await office.session.commit()
    headers = {"Authorization": f"Bearer {token}"}
    return httpx.AsyncClient(transport=like._transport, base_url="http://testserver", headers=headers)
