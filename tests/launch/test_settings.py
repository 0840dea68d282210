import base64
import stat
from pathlib import Path

import pytest

from backend.launch import settings
from backend.launch.demo_secrets import demo_secrets
from backend.launch.install.progress import Problem
from backend.launch.settings import Launch, is_loopback, read_settings


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No setting from outside, and a checkout without .env."""
    for name in dict(settings.os.environ):
        if name.startswith(("ANDA_", "TWILIO_", "WECHAT_")):
            monkeypatch.delenv(name)
    monkeypatch.setattr(settings, "ROOT", tmp_path)
    monkeypatch.setenv("ANDA_DATA_DIR", str(tmp_path / "data"))


def started_with(monkeypatch: pytest.MonkeyPatch, demo: bool, **given: str) -> Launch:
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    return read_settings(demo=demo)


def test_the_demo_makes_up_what_is_not_given_and_keeps_it(monkeypatch: pytest.MonkeyPatch) -> None:
    first = started_with(monkeypatch, demo=True, TWILIO_AUTH_TOKEN="given")
    again = read_settings(demo=True)
    assert first.values["TWILIO_AUTH_TOKEN"] == "given"
    assert first.values["ANDA_SERVICE_TOKEN"] == again.values["ANDA_SERVICE_TOKEN"]
    assert first.values["TWILIO_API_URL"] == first.values["ANDA_SIMULATOR_URL"] == "http://127.0.0.1:8020"


def test_the_environment_wins_over_the_env_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("ANDA_PORT=9001\nANDA_WORKERS=3\n")
    launch = started_with(monkeypatch, demo=True, ANDA_PORT="9002")
    assert (launch.url, launch.workers) == ("http://127.0.0.1:9002", 3)


def test_secrets_have_the_platforms_shapes_and_are_private(tmp_path: Path) -> None:
    made = demo_secrets(tmp_path / "secrets.env")
    name, _, key = made["ANDA_ENCRYPTION_KEYS"].partition(":")
    assert name
    assert len(base64.b64decode(key)) == 32
    assert len(base64.b64decode(made["WECHAT_ENCODING_AES_KEY"] + "=")) == 32
    assert stat.S_IMODE((tmp_path / "secrets.env").stat().st_mode) == 0o600


@pytest.mark.parametrize("name", ["TWILIO_API_URL", "WECHAT_API_URL"])
@pytest.mark.parametrize(
    "url", ["https://api.twilio.com", "https://API.weixin.qq.com:443/cgi-bin", "https://weixin.qq.com."]
)
def test_the_demo_refuses_the_real_platforms(monkeypatch: pytest.MonkeyPatch, name: str, url: str) -> None:
    with pytest.raises(Problem, match=name):
        started_with(monkeypatch, demo=True, **{name: url})


def test_the_demo_listens_on_this_machine_only(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(Problem, match="ANDA_HOST"):
        started_with(monkeypatch, demo=True, ANDA_HOST="0.0.0.0")


def test_without_the_demo_a_missing_secret_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with pytest.raises(Problem, match="ANDA_ENCRYPTION_KEYS, ANDA_SERVICE_TOKEN"):
        started_with(monkeypatch, demo=False)
    assert not (tmp_path / "data" / "secrets.env").exists()


def test_a_half_configured_channel_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    given = {
        "ANDA_ENCRYPTION_KEYS": "k",
        "ANDA_SERVICE_TOKEN": "t",
        "TWILIO_ACCOUNT_SID": "AC1",
        "TWILIO_AUTH_TOKEN": "t",
    }
    with pytest.raises(Problem, match="TWILIO_FROM_NUMBER or TWILIO_MESSAGING_SERVICE_SID"):
        started_with(monkeypatch, demo=False, **given)
    assert not started_with(monkeypatch, demo=False, TWILIO_FROM_NUMBER="+15550100000").is_demo


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("127.0.0.1", True),
        ("127.8.8.8", True),
        ("::1", True),
        ("localhost", True),
        ("0.0.0.0", False),
        ("example.org", False),
    ],
)
def test_loopback_is_recognised(host: str, expected: bool) -> None:
    assert is_loopback(host) is expected
