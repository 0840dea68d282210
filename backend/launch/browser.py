"""`python -m backend.launch.browser` sees to it that the browser tests find Chromium."""

import os
import shutil
import subprocess
import sys

_PACKAGES = ("chromium", "fonts-noto-cjk")


def chromium() -> str | None:
    """Returns the path of Chromium, if there is one."""
    return shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


def main() -> int:
    """Installs Debian's Chromium when it is missing and we may; returns 1 when it is still missing."""
    if chromium() is None and os.geteuid() == 0 and shutil.which("apt-get"):
        print(f"installing {' and '.join(_PACKAGES)} for the browser tests", flush=True)
        environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
        install = ("apt-get", "install", "-y", "-q", "--no-install-recommends", *_PACKAGES)
        for command in (("apt-get", "update", "-q"), install):
            run = subprocess.run(command, env=environment, capture_output=True, text=True)
            if run.returncode != 0:
                print(run.stdout[-1000:], run.stderr[-1000:], file=sys.stderr)
    if chromium() is None:
        print(
            f"The browser tests need Chromium; install the packages {' '.join(_PACKAGES)}.", file=sys.stderr
        )
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
