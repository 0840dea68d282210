"""Refresh the browser libraries in `vendor/`: `python backend/core/static/vendor.py` (needs npm; developers).

Pages load these files as they are, without a build step: bare imports become relative ones, and what an
insurer's lawyer asks for (name, version, licence) is written beside them.
"""

from __future__ import annotations

import json
import re
import subprocess
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

VENDOR = Path(__file__).parent / "vendor"
IMPORTS = {
    "preact": "./preact-core.js",
    "preact/hooks": "./preact-hooks.js",
    "@preact/signals-core": "./signals-core.js",
}
# What pages import: `import { html, render, useState } from "/static/vendor/preact.js"`.
FACADE = """export * from "./preact-core.js";
export * from "./preact-hooks.js";
export * from "./signals.js";
import { h } from "./preact-core.js";
import htm from "./htm.js";
export { htm };
export const html = htm.bind(h);
"""


@dataclass(frozen=True)
class Package:
    """A package of the registry (pinned), and which of its files become which of ours."""

    name: str
    version: str
    files: dict[str, str]
    exports: str = ""  # appended to a script that is no module of its own


PACKAGES = [
    Package("preact", "11.2.0",
            {"dist/preact.mjs": "preact-core.js", "hooks/dist/hooks.mjs": "preact-hooks.js"}),
    Package("htm", "3.1.1", {"dist/htm.mjs": "htm.js"}),
    Package("@preact/signals-core", "1.14.5", {"dist/signals-core.mjs": "signals-core.js"}),
    Package("@preact/signals", "2.11.4", {"dist/signals.mjs": "signals.js"}),
    Package("socket.io-client", "4.8.4", {"dist/socket.io.esm.min.js": "socket.io.js"}),
    Package("uplot", "1.6.32", {"dist/uPlot.iife.min.js": "uplot.js", "dist/uPlot.min.css": "uplot.css"},
            "export default uPlot;\n"),
]  # fmt: skip


def fetch(package: Package, folder: Path) -> Path:
    """Download and unpack one package; gives its folder."""
    pinned = f"{package.name}@{package.version}"
    command = ["npm", "pack", "--silent", "--pack-destination", str(folder), pinned]
    packed = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()[-1]
    target = folder / Path(packed).stem
    with tarfile.open(folder / packed) as archive:
        archive.extractall(target, filter="data")
    return target / "package"


def rewrite(source: str) -> str:
    """Bare imports become relative; source maps, which are not shipped, are not announced."""
    for bare, ours in IMPORTS.items():
        source = re.sub(rf'(from|import)\s*"{re.escape(bare)}"', rf'\1"{ours}"', source)
    return re.sub(r"//# sourceMappingURL=\S+\s*", "", source).rstrip() + "\n"


def install(package: Package, folder: Path) -> dict[str, Any]:
    """Copy one package's files and licence into `vendor/`; gives its description."""
    source = fetch(package, folder)
    for theirs, ours in package.files.items():
        text = rewrite((source / theirs).read_text(encoding="utf-8"))
        if package.exports and ours.endswith(".js"):
            text += package.exports
        (VENDOR / ours).write_text(text, encoding="utf-8")
    licence = f"{package.name.strip('@').replace('/', '-')}.txt"
    text = (source / "LICENSE").read_text(encoding="utf-8")
    (VENDOR / "licences" / licence).write_text(text, encoding="utf-8")
    described: dict[str, Any] = json.loads((source / "package.json").read_text(encoding="utf-8"))
    return described | {"licence_file": licence, "ours": ", ".join(package.files.values())}


def main() -> None:
    (VENDOR / "licences").mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        rows = [install(package, Path(folder)) for package in PACKAGES]
    (VENDOR / "preact.js").write_text(FACADE, encoding="utf-8")
    described = [
        f"| {r['name']} | {r['version']} | [{r['license']}](licences/{r['licence_file']}) | {r['ours']} |"
        for r in rows
    ]
    lines = [
        "# Browser libraries", "",
        "Unchanged but for import paths. Written by `backend/core/static/vendor.py`; do not edit by hand.",
        "`preact.js` is the file that pages import: Preact, its hooks, signals and `html`.", "",
        "| package | version | licence | files |", "|---|---|---|---|",
        *described,
        "",
    ]  # fmt: skip
    (VENDOR / "README.md").write_text("\n".join(lines), encoding="utf-8")


if __name__ == "__main__":
    main()
