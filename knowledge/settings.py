"""Settings of the knowledge service, from the environment or `.env`."""

from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from pydantic import SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from knowledge.model.manifest import NAME


class Settings(BaseSettings):
    """What the index needs; names as in the environment, with the prefix ANDA_."""

    model_config = SettingsConfigDict(env_prefix="ANDA_", env_file=".env", extra="ignore")

    data_dir: Path = Path("var")
    knowledge_model: str = ""  # empty: the default model; else a sentence-transformers name or folder
    timezone: ZoneInfo = ZoneInfo("Asia/Shanghai")
    now: datetime | None = None

    @property
    def model_folder(self) -> Path:
        """The folder of the default model's ONNX export."""
        return self.data_dir / "models" / NAME / "onnx"

    @property
    def pulled_file(self) -> Path:
        """The articles as the api served them last."""
        return self.index_folder / "articles.json"

    @property
    def confidence_file(self) -> Path:
        """The "nothing fits" decision of a model that the settings name; the default model's is committed."""
        return self.index_folder / "confidence.json"

    @property
    def index_folder(self) -> Path:
        """The folder with the versions of the index."""
        return self.data_dir / "knowledge"

    def today(self) -> date:
        """The insurer's date; `ANDA_NOW` freezes it, and means UTC when it names no zone."""
        now = self.now or datetime.now(UTC)
        return (now if now.tzinfo else now.replace(tzinfo=UTC)).astimezone(self.timezone).date()


class ServiceSettings(Settings):
    """What the service needs besides; a missing token stops the start."""

    knowledge_url: str = "http://127.0.0.1:8010"
    api_url: str = "http://127.0.0.1:8000"
    service_token: SecretStr
