"""The virtual environments, each made from its compiled requirement file and again when that file changed."""

from __future__ import annotations

import hashlib
import re
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from backend.launch.install.progress import Problem, Progress
from backend.launch.install.pythons import find_python

SERVICE_PYTHONS = ("3.11", "3.12", "3.13", "3.14")


@dataclass(frozen=True)
class Environment:
    """What is installed where. `gigabytes` is what it takes on disk."""

    name: str
    folder: str
    pythons: tuple[str, ...]
    gigabytes: float
    overrides: str = ""


ENVIRONMENTS = {
    "service": Environment("service", "service", SERVICE_PYTHONS, 0.8),
    "dev": Environment("dev", "service", SERVICE_PYTHONS, 1.0),
    "bot": Environment("bot", "bot", ("3.10",), 1.7, overrides="bot-overrides.txt"),
    "model": Environment("model", "model", SERVICE_PYTHONS, 0.4),
    "knowledge": Environment("knowledge", "knowledge", SERVICE_PYTHONS, 1.6),
}


class Installer:
    """Installs one environment below `root`/.venv with `uv`."""

    def __init__(self, root: Path, environment: Environment, uv: str, uv_environment: dict[str, str]) -> None:
        self.environment = environment
        self.folder = root / ".venv" / environment.folder
        self.requirements = root / "requirements" / f"{environment.name}.txt"
        self.overrides = root / "requirements" / environment.overrides if environment.overrides else None
        self._uv = uv
        self._uv_environment = uv_environment
        self._stamp = self.folder / f".installed-{environment.name}"
        self._process: subprocess.Popen[str] | None = None

    @property
    def is_current(self) -> bool:
        """Tells whether the environment works and holds what its requirement file says now."""
        return (
            self._stamp.exists()
            and self._stamp.read_text() == self._fingerprint()
            and self._python_version() != ""
        )

    def install(self) -> None:
        """Makes the environment. Raises Problem."""
        progress = Progress(self.environment.name)
        started = time.monotonic()
        try:
            self._make_folder(progress)
            self._install_packages(progress)
            self._stamp.write_text(self._fingerprint())
        except Problem:
            progress.stop()
            raise
        progress.end(f"installed in {time.monotonic() - started:.0f} s")

    def stop(self) -> None:
        """Stops a running installation; the next one goes on where it was."""
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()

    def _fingerprint(self) -> str:
        files = [self.requirements] + ([self.overrides] if self.overrides else [])
        return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()

    def _python_version(self) -> str:
        script = "import sys; print('%d.%d' % sys.version_info[:2])"
        try:
            run = subprocess.run(
                [str(self.folder / "bin" / "python"), "-c", script], stdout=subprocess.PIPE, check=False
            )
        except OSError:
            return ""
        version = run.stdout.decode().strip()
        return version if version in self.environment.pythons else ""

    def _make_folder(self, progress: Progress) -> None:
        if self._python_version():
            return
        wanted = self.environment.pythons
        python = find_python(wanted)
        if python is None:
            progress.say(f"no Python {wanted[0]} found on this machine; asking uv to fetch one")
        command = [
            self._uv,
            "venv",
            "--quiet",
            "--no-project",
            "--clear",
            "--python",
            python or wanted[0],
            str(self.folder),
        ]
        run = subprocess.run(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=self._uv_environment, check=False
        )
        if run.returncode != 0 and python is None:
            raise Problem(
                f"Python {' or '.join(wanted)} is missing and could not be fetched. Install it (for instance "
                f"`pyenv install {wanted[0]}`, or your system's package python{wanted[0]}) and run this again."
            )
        if run.returncode != 0:
            raise Problem(
                f"{self.folder} could not be made with {python}:\n{run.stdout.decode(errors='replace')}"
            )

    def _install_packages(self, progress: Progress) -> None:
        pins = [line for line in self.requirements.read_text().splitlines() if re.match(r"[A-Za-z0-9]", line)]
        progress.say(f"installing {len(pins)} packages")
        options = [f"--override={self.overrides}"] if self.overrides else []
        if any(pin.startswith("torch==") for pin in pins):
            options += self._torch_options(progress)
        said = self._run_uv([*options, "--compile-bytecode"], progress)
        if said is not None:
            raise Problem(
                f"The environment `{self.environment.name}` could not be installed; uv says:\n{said}\n"
                "Check the connection to your package index (pip's configuration is used), then run this again: "
                "it goes on where it stopped."
            )

    def _compile_what_is_there(self, progress: Progress) -> None:
        """Compiles what an earlier, interrupted installation left uncompiled; uv compiles only what it installs."""
        progress.say("compiling what was there already")
        python = str(self.folder / "bin" / "python")
        command = [python, "-W", "ignore", "-m", "compileall", "-q", "-j", "2", str(self.folder / "lib")]
        subprocess.run(
            command,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=self._uv_environment,
            check=False,
        )

    def _torch_options(self, progress: Progress) -> list[str]:
        """uv's options for a torch without CUDA's gigabytes: none where the configured places offer a CPU build."""
        for options in ([], ["--torch-backend=cpu"]):
            plan = subprocess.run(
                self._command([*options, "--dry-run"]),
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                env=self._uv_environment,
                check=False,
            )
            if plan.returncode == 0 and b"nvidia-" not in plan.stdout:
                return options
        progress.say("no CPU build of torch is offered here; the usual one brings gigabytes of CUDA packages")
        return []

    def _command(self, options: list[str]) -> list[str]:
        python = str(self.folder / "bin" / "python")
        return [self._uv, "pip", "install", "--python", python, *options, "-r", str(self.requirements)]

    def _run_uv(self, options: list[str], progress: Progress) -> str | None:
        """Runs uv, showing its steps; returns its last words when it failed."""
        self._process = subprocess.Popen(
            self._command(options),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=self._uv_environment,
            text=True,
        )
        lines: list[str] = []
        announced = fetched = 0
        for line in self._process.stdout or ():
            lines.append(line.rstrip())
            verb, _, rest = line.strip().partition(" ")
            if verb in ("Downloading", "Building"):
                announced += 1
            elif verb in ("Downloaded", "Built"):
                fetched += 1
                progress.say(f"{verb.lower()} {rest.strip()} ({fetched} of {announced} large ones)")
            elif verb in ("Resolved", "Prepared", "Installed", "Bytecode"):
                progress.say(line.strip()[0].lower() + line.strip()[1:])
                if verb == "Installed":
                    progress.say("compiling them, so that they load fast")
        if self._process.wait() != 0:
            return "\n".join(lines[-15:])
        if not any(line.startswith("Bytecode") for line in lines):
            self._compile_what_is_there(progress)
        return None
