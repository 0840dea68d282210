"""What the processes are started with: the environment, then .env, then defaults, then (demo only) made-up secrets."""

import ipaddress
import os
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from dotenv import dotenv_values

from backend.launch.demo_secrets import SECRETS_FILE, demo_secrets
from backend.launch.install.progress import Problem
from backend.launch.model import data_folder

ROOT = Path(__file__).resolve().parents[2]
LOCAL_URLS = {
    "ANDA_BOT_URL": "http://127.0.0.1:5005",
    "ANDA_ACTIONS_URL": "http://127.0.0.1:5055",
    "ANDA_KNOWLEDGE_URL": "http://127.0.0.1:8010",
}
_REQUIRED = ("ANDA_ENCRYPTION_KEYS", "ANDA_SERVICE_TOKEN")
_CHANNELS = {
    "TWILIO_": (
        ("TWILIO_ACCOUNT_SID",),
        ("TWILIO_AUTH_TOKEN",),
        ("TWILIO_FROM_NUMBER", "TWILIO_MESSAGING_SERVICE_SID"),
    ),
    "WECHAT_": (("WECHAT_APP_ID",), ("WECHAT_APP_SECRET",), ("WECHAT_TOKEN",)),
}
_VENDORS = ("twilio.com", "weixin.qq.com", "wechat.com", "weixin.com")


@dataclass(frozen=True)
class Launch:
    """A start of the product: every setting by name, as the processes get them."""

    values: dict[str, str]

    @property
    def is_demo(self) -> bool:
        """Whether the demo company and the platforms' fakes are part of it."""
        return self.values["ANDA_DEMO"] == "1"

    @property
    def data_folder(self) -> Path:
        """Where everything that is kept lies."""
        return Path(self.values["ANDA_DATA_DIR"])

    @property
    def url(self) -> str:
        """The api's address on this machine."""
        return self.values["ANDA_API_URL"]

    @property
    def workers(self) -> int:
        """How many workers run."""
        return int(self.values["ANDA_WORKERS"])

    def runs_here(self, name: str) -> bool:
        """Whether the process behind the URL setting `name` is ours to start: it is when the host is this machine."""
        return is_loopback(urlsplit(self.values[name]).hostname or "")


def read_settings(*, demo: bool) -> Launch:
    """Returns the settings for `make up` (`demo`) or `make run`. Raises Problem naming what is missing or refused."""
    values = read_places().values
    _set_defaults(values, demo=demo)
    launch = Launch(values)
    if launch.is_demo:
        _check_demo(values)
        for name, value in demo_secrets(launch.data_folder / SECRETS_FILE).items():
            values.setdefault(name, value)
    else:
        _check_secrets(values)
    return launch


def read_places() -> Launch:
    """Returns the settings as they are given, with the data folder: enough to find the data, not to start."""
    values = {name: value for name, value in dotenv_values(ROOT / ".env").items() if value}
    values |= {name: value for name, value in os.environ.items() if value}
    values["ANDA_DATA_DIR"] = str(data_folder(ROOT))
    return Launch(values)


def is_loopback(host: str) -> bool:
    """Tells whether `host` is this machine alone."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _set_defaults(values: dict[str, str], *, demo: bool) -> None:
    is_demo = values.get("ANDA_DEMO", "1" if demo else "0").lower() in ("1", "true", "yes", "on")
    values["ANDA_DEMO"] = "1" if is_demo else "0"
    host, port = values.setdefault("ANDA_HOST", "127.0.0.1"), values.setdefault("ANDA_PORT", "8000")
    if not port.isdigit() or not values.setdefault("ANDA_WORKERS", "1").isdigit():
        raise Problem("ANDA_PORT and ANDA_WORKERS must be numbers")
    near = {"0.0.0.0": "127.0.0.1", "::": "[::1]", "::1": "[::1]"}.get(host, host)  # noqa: S104 compared, not bound
    values.setdefault("ANDA_API_URL", f"http://{near}:{port}")
    for name, url in LOCAL_URLS.items():
        values.setdefault(name, url)
    if is_demo:
        simulator = values.setdefault("ANDA_SIMULATOR_URL", "http://127.0.0.1:8020")
        values.setdefault("TWILIO_API_URL", simulator)
        values.setdefault("WECHAT_API_URL", simulator)


def _check_demo(values: dict[str, str]) -> None:
    if not is_loopback(values["ANDA_HOST"]):
        raise Problem(
            f"the demo listens on this machine only, and ANDA_HOST is {values['ANDA_HOST']}. Unset it, or use "
            "`make run` for a service that others reach."
        )
    for name in ("TWILIO_API_URL", "WECHAT_API_URL"):
        host = (urlsplit(values[name]).hostname or "").lower().rstrip(".")
        if any(host == vendor or host.endswith(f".{vendor}") for vendor in _VENDORS):
            raise Problem(
                f"the demo never talks to the real platforms, and {name} is {values[name]}. Unset it to use the "
                "fakes, or use `make run`."
            )


def _check_secrets(values: dict[str, str]) -> None:
    missing = [name for name in _REQUIRED if name not in values]
    for prefix, wanted in _CHANNELS.items():
        if any(name.startswith(prefix) for name in values):
            missing += [" or ".join(names) for names in wanted if not any(name in values for name in names)]
    if missing:
        raise Problem(
            f"these settings are missing: {', '.join(missing)}. Set them in the environment or in .env "
            "(docs/operations.md tells how to make them)."
        )
