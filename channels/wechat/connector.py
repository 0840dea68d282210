"""WeChat's webhook: verify, parse, store, acknowledge."""

from __future__ import annotations

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import PlainTextResponse

from backend.core.errors import BadRequest
from backend.core.settings import WeChatSettings
from channels.pace import guard_address
from channels.webhook import note_status, read_body, store
from channels.wechat import passive
from channels.wechat.callback import check_signature, open_post
from channels.wechat.menu import spoken_entries
from channels.wechat.parse import TemplateResult, parse

router = APIRouter(prefix="/channels/wechat", include_in_schema=False, dependencies=[Depends(guard_address)])
ACKNOWLEDGED = "success"


@router.get("")
async def verify(request: Request) -> Response:
    """The platform's check when the address is set: the signed `echostr` comes back as it is."""
    check_signature(_settings(request), request.query_params)
    echo = request.query_params.get("echostr")
    if echo is None:
        raise BadRequest("echostr is missing.")
    return PlainTextResponse(echo)


@router.post("")
async def receive(request: Request) -> Response:
    """A message or an event; `success` stops the platform from posting it again."""
    settings = _settings(request)
    check_signature(settings, request.query_params)
    fields = open_post(settings, request.query_params, await read_body(request))
    parsed = parse(fields, settings.app_id, spoken_entries())
    if isinstance(parsed, TemplateResult):
        await note_status(request, "wechat", settings.app_id, parsed.platform_id, parsed.state, parsed.error)
        return PlainTextResponse(ACKNOWLEDGED)
    receipt = await store(request, parsed)
    if settings.reply_mode == "passive":
        return await passive.answer(request, fields, receipt)
    return PlainTextResponse(ACKNOWLEDGED)


def _settings(request: Request) -> WeChatSettings:
    settings: WeChatSettings = request.app.state.settings.wechat
    return settings
