"""Settings of every process, read from the environment and `.env`; secrets never print."""

from __future__ import annotations

from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


def _read(prefix: str) -> SettingsConfigDict:
    return SettingsConfigDict(env_prefix=prefix, env_file=".env", extra="ignore", frozen=True)


class TwilioSettings(BaseSettings):
    """Twilio account; SMS is off while no account is given."""

    model_config = _read("TWILIO_")
    account_sid: str = ""
    auth_token: SecretStr = SecretStr("")
    from_number: str = ""
    messaging_service_sid: str = ""
    api_url: str = "https://api.twilio.com"

    @property
    def is_configured(self) -> bool:
        return bool(self.account_sid and self.auth_token.get_secret_value())

    @property
    def account(self) -> str:
        """What SMS contacts and messages are keyed by: the Messaging Service or number that we answer from."""
        return self.messaging_service_sid or self.from_number


class WeChatSettings(BaseSettings):
    """WeChat official account; WeChat is off while no app id is given."""

    model_config = _read("WECHAT_")
    app_id: str = ""
    app_secret: SecretStr = SecretStr("")
    token: SecretStr = SecretStr("")
    encoding_aes_key: SecretStr = SecretStr("")
    api_url: str = "https://api.weixin.qq.com"
    mode: Literal["safe", "plain", "compatible", ""] = ""
    reply_mode: Literal["customer_service", "passive"] = "customer_service"

    @property
    def is_configured(self) -> bool:
        return bool(self.app_id and self.token.get_secret_value())

    @property
    def callback_mode(self) -> str:
        """`safe` as soon as an AES key is set, unless WECHAT_MODE says otherwise."""
        return self.mode or ("safe" if self.encoding_aes_key.get_secret_value() else "plain")


class Settings(BaseSettings):
    """Everything `ANDA_…`; constructing it without a required secret raises `ValidationError`."""

    model_config = _read("ANDA_")
    host: str = "127.0.0.1"
    port: int = 8000
    public_url: str = ""
    data_dir: Path = Path("var")
    database_url: str
    redis_url: str
    api_url: str = ""
    bot_url: str = "http://127.0.0.1:5005"
    actions_url: str = "http://127.0.0.1:5055"
    knowledge_url: str = "http://127.0.0.1:8010"
    simulator_url: str = "http://127.0.0.1:8020"
    encryption_keys: SecretStr
    service_token: SecretStr
    timezone: str = "Asia/Shanghai"
    widget_origins: str = ""
    now: datetime | None = None
    rate_limits: str = "on"
    demo: bool = False
    twilio: TwilioSettings = Field(default_factory=TwilioSettings)
    wechat: WeChatSettings = Field(default_factory=WeChatSettings)

    @cached_property
    def zone(self) -> ZoneInfo:
        """The insurer's zone: business dates are days there."""
        return ZoneInfo(self.timezone)

    @property
    def base_url(self) -> str:
        """The address customers and platforms reach us at, without a trailing slash."""
        return (self.public_url or f"http://{self.host}:{self.port}").rstrip("/")
