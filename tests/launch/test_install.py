import subprocess
import sys
from pathlib import Path

import pytest

from backend.launch.install import uv
from backend.launch.install.__main__ import main
from backend.launch.install.environments import ENVIRONMENTS, Installer
from backend.launch.install.pins import ALL
from backend.launch.install.pythons import find_python

ROOT = Path(__file__).resolve().parents[2]


def test_this_python_is_found_by_its_version() -> None:
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    found = find_python((version,))
    assert found is not None
    run = subprocess.run([found, "--version"], capture_output=True, text=True)
    assert run.stdout.startswith(f"Python {version}.")


def test_a_python_that_nobody_has_is_not_found() -> None:
    assert find_python(("3.99",)) is None


def test_a_candidate_that_refuses_to_run_is_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shim = tmp_path / "python3.99"
    shim.write_text("#!/bin/sh\necho 'not installed' >&2\nexit 127\n")
    shim.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert find_python(("3.99",)) is None


def test_uv_is_told_what_pip_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    configuration = tmp_path / "pip.conf"
    configuration.write_text(
        "[global]\nindex-url = https://a.invalid/simple\nextra-index-url = https://b.invalid/s\n  https://c.invalid/s\n"
    )
    for name in ("UV_DEFAULT_INDEX", "UV_INDEX", "UV_FIND_LINKS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PIP_CONFIG_FILE", str(configuration))
    monkeypatch.setenv("PIP_INDEX_URL", "https://d.invalid/simple")
    monkeypatch.setenv("PIP_FIND_LINKS", "/one /two")
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    environment = uv.uv_environment(ROOT / ".venv" / "uv")
    assert environment["UV_DEFAULT_INDEX"] == "https://d.invalid/simple"
    assert environment["UV_INDEX"].split()[-2:] == ["https://b.invalid/s", "https://c.invalid/s"]
    assert environment["UV_FIND_LINKS"] == "/one,/two"
    assert "PYTHONDONTWRITEBYTECODE" not in environment


def test_what_is_said_to_uv_itself_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_INDEX_URL", "https://a.invalid/simple")
    monkeypatch.setenv("UV_DEFAULT_INDEX", "https://b.invalid/simple")
    assert uv.uv_environment(ROOT / ".venv" / "uv")["UV_DEFAULT_INDEX"] == "https://b.invalid/simple"


def test_a_changed_requirement_file_makes_an_environment_stale(tmp_path: Path) -> None:
    (tmp_path / "requirements").mkdir()
    pins = tmp_path / "requirements" / "service.txt"
    pins.write_text("anyio==4.16.0\n")
    installer = Installer(tmp_path, ENVIRONMENTS["service"], "", {})
    python = tmp_path / ".venv" / "service" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.symlink_to(sys.executable)
    assert not installer.is_current
    (tmp_path / ".venv" / "service" / ".installed-service").write_text(installer._fingerprint())
    assert installer.is_current
    pins.write_text("anyio==4.16.1\n")
    assert not installer.is_current


def test_an_unknown_environment_is_a_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["nonsense"]) == 1
    assert "there is no environment nonsense" in capsys.readouterr().err


@pytest.mark.parametrize("name", [pins.name for pins in ALL])
def test_requirement_files_hold_pins_and_no_address(name: str) -> None:
    lines = (ROOT / "requirements" / f"{name}.txt").read_text().splitlines()
    assert lines
    for line in lines:
        assert "==" in line, line
        assert "://" not in line, line
        assert "+" not in line, line
        assert not line.startswith(("nvidia-", "triton", "-")), line
