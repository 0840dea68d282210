"""The actions' part of the product's settings."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache

from pydantic import SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """Addresses of the processes around us, and the token they share."""

    model_config = SettingsConfigDict(env_prefix="ANDA_", env_file=".env", extra="ignore")

    actions_url: str = "http://127.0.0.1:5055"
    api_url: str = "http://127.0.0.1:8000"
    knowledge_url: str = "http://127.0.0.1:8010"
    service_token: SecretStr
    timezone: str = "Asia/Shanghai"
    now: datetime | None = None


@lru_cache(maxsize=1)
def settings() -> Settings:
    """Return the settings; a missing token stops the process at its first use."""
    return Settings()
