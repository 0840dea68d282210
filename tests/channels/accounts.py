"""A demo account on each platform, and an app with the two connectors."""

import base64
from types import SimpleNamespace

import redis.asyncio as redis
from fastapi import FastAPI

from backend.core.crypto import Vault
from backend.core.db import Database
from backend.core.errors import add_problem_handlers
from backend.core.settings import Settings, TwilioSettings, WeChatSettings
from channels.sms import connector as sms
from channels.wechat import connector as wechat

PUBLIC_URL = "https://chat.anda.example"
OPENID = "oAnda-Test-Person-0123456789"


def make_settings(**changes: object) -> Settings:
    """Settings of a test account on both platforms; nothing comes from the environment."""
    key = base64.b64encode(bytes(range(32))).decode()
    values: dict[str, object] = {
        "database_url": "postgresql://unused",
        "redis_url": "unix:///unused",
        "public_url": PUBLIC_URL,
        "encryption_keys": f"test:{key}",
        "service_token": "service-token",
        "demo": True,
        "twilio": TwilioSettings(
            account_sid="AC" + "0" * 32,
            auth_token="twilio-test-token",
            from_number="+15550100000",
            messaging_service_sid="",
            api_url="http://127.0.0.1:8020",
        ),
        "wechat": wechat_settings(),
    }
    return Settings(**(values | changes))


def wechat_settings(**changes: str) -> WeChatSettings:
    """A test account in safe mode."""
    values = {
        "app_id": "wx0123456789abcdef",
        "app_secret": "wechat-test-secret",
        "token": "wechat-test-token",
        "encoding_aes_key": "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG",
        "api_url": "http://127.0.0.1:8020",
        "mode": "",
        "reply_mode": "customer_service",
    }
    return WeChatSettings(**(values | changes))


def make_app(settings: Settings, database: Database, client: redis.Redis) -> FastAPI:
    """The two connectors as backend.main wires them."""
    app = FastAPI()
    add_problem_handlers(app)
    app.include_router(sms.router)
    app.include_router(wechat.router)
    vault = Vault(settings.encryption_keys.get_secret_value())
    app.state = SimpleNamespace(settings=settings, database=database, redis=client, vault=vault)  # type: ignore[assignment]
    return app
