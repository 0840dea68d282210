"""The simulator's process: both fakes at the platforms' paths, and the API of the page at /api."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Annotated, Any, Literal
from urllib.parse import parse_qs

import httpx
from fastapi import Depends, FastAPI, Query, Request, Response
from pydantic import BaseModel, Field

from backend.core.errors import Invalid, NotFound, Unavailable, add_problem_handlers
from backend.core.settings import Settings
from channels.simulator.people import People, Person
from channels.simulator.phones import Entry, Phones
from channels.simulator.pictures import SHOWN, from_data_url, sample
from channels.simulator.sms_app import SmsApp
from channels.simulator.webhooks import Webhooks
from channels.simulator.wechat_app import WeChatApp
from channels.wechat import menu

LOGGED = ("/2010-04-01/", "/cgi-bin/message/")


class SmsDraft(BaseModel):
    """What the person sends; `pictures` are `data:` addresses, or `sample`."""

    text: str = Field(default="", max_length=200_000)
    pictures: list[str] = Field(default_factory=list, max_length=10)


class WeChatDraft(BaseModel):
    """What the person does; `id` is the entry tapped in a menu message, `key` the one in the account's menu.

    `picture` is a `data:` address; without it a sample is sent.
    """

    type: Literal[
        "text", "choice", "menu", "scan", "follow", "unfollow", "image", "voice", "video", "location", "link"
    ] = "text"
    text: str = Field(default="", max_length=200_000)
    id: str = ""
    key: str = ""
    picture: str = ""


class Done(BaseModel):
    """Whether our webhook took it."""

    accepted: bool


class Simulator:
    """Everything that the simulator's process holds."""

    def __init__(self, settings: Settings, http: httpx.AsyncClient) -> None:
        api_url = (settings.api_url or f"http://{settings.host}:{settings.port}").rstrip("/")
        self.phones = Phones()
        webhooks = Webhooks(settings.base_url, api_url, http, self.phones)
        self.people = People(api_url, settings.service_token.get_secret_value(), http)
        self.sms = SmsApp(settings.twilio, webhooks, self.phones)
        self.wechat = WeChatApp(settings.wechat, webhooks, self.phones)


async def find_person(person_id: int, request: Request) -> Person:
    """The person of the path; raises `NotFound`, or `Unavailable` while the CRM API is away."""
    simulator: Simulator = request.app.state.simulator
    try:
        person = await simulator.people.get(person_id)
    except httpx.HTTPError as error:
        raise Unavailable("The CRM API does not answer yet.") from error
    if person is None:
        raise NotFound("There is no such person.")
    return person


PersonDep = Annotated[Person, Depends(find_person)]


def create_app(settings: Settings, http: httpx.AsyncClient | None = None) -> FastAPI:
    """The app; `http` reaches our webhooks and the CRM API."""
    client = http or httpx.AsyncClient(timeout=20, trust_env=False)
    simulator = Simulator(settings, client)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        yield
        await simulator.sms.platform.close()
        await client.aclose()

    app = FastAPI(title="Phone simulator", lifespan=lifespan, docs_url=None, redoc_url=None, openapi_url=None)
    app.state.simulator = simulator
    add_problem_handlers(app)
    app.include_router(simulator.sms.platform.router())
    app.include_router(simulator.wechat.platform.router())
    app.middleware("http")(log_api_calls)
    _add_page_api(app, simulator)
    return app


def _add_page_api(app: FastAPI, simulator: Simulator) -> None:
    @app.get("/health")
    async def health() -> dict[str, str]:
        return {"status": "ok"}

    @app.get("/api/people")
    async def people() -> dict[str, Any]:
        try:
            found = await simulator.people.all()
        except httpx.HTTPError as error:
            raise Unavailable("The CRM API does not answer yet.") from error
        return {
            "items": [person.shown() for person in found],
            "menu": menu.definition()["button"],
            "sms_number": simulator.sms.our_number,
        }

    @app.get("/api/phones/{person_id}")
    async def read_phone(
        person: PersonDep,
        after: int = 0,
        wait: Annotated[float, Query(ge=0, le=10)] = 0,
    ) -> dict[str, list[Entry]]:
        return {"entries": await simulator.phones.wait({person.phone, person.openid}, after, wait)}

    @app.get("/api/pictures/{name}")
    async def read_picture(name: str) -> Response:
        known = simulator.wechat.platform.media.files.get(name) or simulator.sms.platform.media.get(name)
        if known is None:
            raise NotFound("This picture is gone.")
        data, content_type = known
        return Response(
            data, media_type=content_type if content_type in SHOWN else "application/octet-stream"
        )

    @app.post("/api/phones/{person_id}/sms")
    async def send_sms(person: PersonDep, draft: SmsDraft) -> Done:
        if not draft.text and not draft.pictures:
            raise Invalid("A text or a picture is needed.")
        files = [sample() if url == "sample" else from_data_url(url) for url in draft.pictures]
        return Done(accepted=await simulator.sms.send(person.phone, draft.text, files))

    @app.post("/api/phones/{person_id}/wechat")
    async def use_wechat(person: PersonDep, draft: WeChatDraft) -> Done:
        return Done(accepted=await _use_wechat(simulator.wechat, person.openid, draft))


async def _use_wechat(wechat: WeChatApp, openid: str, draft: WeChatDraft) -> bool:
    if draft.type in ("follow", "unfollow"):
        return await wechat.follow(openid, draft.type == "follow")
    if draft.type in ("menu", "scan"):
        return await wechat.use_key(
            openid, "CLICK" if draft.type == "menu" else "SCAN", draft.key, draft.text
        )
    if draft.type in ("text", "choice"):
        if not draft.text:
            raise Invalid("A text is needed.")
        return await wechat.say(openid, draft.text, draft.id or None)
    picture = from_data_url(draft.picture) if draft.picture else sample()
    return await wechat.send_media(openid, draft.type, draft.text, picture)


async def log_api_calls(request: Request, call_next: Callable[[Request], Awaitable[Response]]) -> Response:
    """Write what our outbox asks of the platforms to the log of the phone it is for."""
    if not request.url.path.startswith(LOGGED) or request.method != "POST":
        return await call_next(request)
    body = (await request.body()).decode("utf-8", "replace")
    response = await call_next(request)
    answer = b"".join([chunk async for chunk in response.body_iterator])  # type: ignore[attr-defined]
    simulator: Simulator = request.app.state.simulator
    simulator.phones.add(
        _recipient(body),
        "log",
        "http",
        direction="api",
        method=request.method,
        url=str(request.url.path),
        headers={"Content-Type": request.headers.get("content-type", "")},
        request=_readable(body),
        status=response.status_code,
        response=answer.decode("utf-8", "replace"),
    )
    return Response(answer, response.status_code, dict(response.headers))


def _recipient(body: str) -> str:
    try:
        return str(json.loads(body).get("touser", ""))
    except (ValueError, AttributeError):
        return parse_qs(body).get("To", [""])[0]


def _readable(body: str) -> str:
    if body.startswith("{"):
        return body
    return "\n".join(f"{name}={values[0]}" for name, values in parse_qs(body, keep_blank_values=True).items())
