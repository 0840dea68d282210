"""`python -m backend.privacy COMMAND`: checks the audit log, seals anew after a change of keys."""

from __future__ import annotations

import argparse
import asyncio
import sys

from rich.console import Console
from rich.status import Status

from backend import models as _models
from backend.core.crypto import Vault
from backend.core.db import Database
from backend.core.settings import Settings
from backend.privacy import sealing
from backend.privacy.keys import rotate

_ = _models.metadata  # every table must be known before its columns are looked through


def main() -> int:
    """Run the command; the exit status is 0 when all is well."""
    parser = argparse.ArgumentParser(prog="python -m backend.privacy", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    audit = commands.add_parser("verify-audit", help="recompute the audit log's hash chain")
    audit.add_argument("--anchor", help="PLACE:HASH that an earlier run printed")
    keys = commands.add_parser("rotate-keys", help="seal every value with the first of ANDA_ENCRYPTION_KEYS")
    keys.add_argument(
        "--retire", metavar="NAME", help="a key that is to be removed afterwards; stop Anda first"
    )
    given = parser.parse_args()
    settings = Settings()
    return asyncio.run(
        _verify(settings, given.anchor)
        if given.command == "verify-audit"
        else _rotate(settings, given.retire)
    )


async def _verify(settings: Settings, anchor: str | None) -> int:
    database = Database(settings.database_url)
    async with database.session() as session:
        verdict = await sealing.verify(session, Vault(settings.encryption_keys.get_secret_value()), anchor)
    await database.close()
    if verdict.broken_at is not None:
        print(f"BROKEN at place {verdict.broken_at}: {verdict.reason}", file=sys.stderr)
        return 1
    print(f"The audit log is whole: {verdict.sealed} entries sealed, {verdict.unsealed} waiting to be.")
    print(
        f"Keep this apart from the database and give it to the next run: --anchor {verdict.sealed}:{verdict.head}"
    )
    return 0


async def _rotate(settings: Settings, retire: str | None) -> int:
    keys = settings.encryption_keys.get_secret_value()
    kept = ",".join(entry for entry in keys.split(",") if entry.strip().partition(":")[0] != retire)
    if not kept or (retire and kept == keys):
        print(f"ANDA_ENCRYPTION_KEYS must name {retire or 'a key'} and one to stay.", file=sys.stderr)
        return 1
    console = Console(stderr=True)
    database = Database(settings.database_url)
    with Status("sealing", console=console) as status:
        await rotate(
            database,
            Vault(keys),
            Vault(kept),
            retire is not None,
            lambda name, done: status.update(f"{name}: {done} sealed"),
        )
    await database.close()
    then = f" Remove {retire} from ANDA_ENCRYPTION_KEYS now." if retire else ""
    print(f"Every value is sealed with {Vault(kept).current}.{then}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
