"""Made-up secrets for the demo: made once, kept in a file that only its owner reads."""

import base64
import os
import secrets
import string
from pathlib import Path

from dotenv import dotenv_values

SECRETS_FILE = "secrets.env"


def demo_secrets(file: Path) -> dict[str, str]:
    """Returns the demo's secrets by setting, adding to `file` (mode 0600) those it does not hold yet."""
    known = {name: value for name, value in dotenv_values(file).items() if value} if file.exists() else {}
    complete = _made_up() | known
    if complete != known:
        file.parent.mkdir(parents=True, exist_ok=True)
        fresh = file.with_name(f"{file.name}.new")
        fresh.unlink(missing_ok=True)
        lines = "".join(f"{name}={value}\n" for name, value in sorted(complete.items()))
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as opened:
            opened.write(
                f"# Made up for the demo by `make up`; losing it makes the demo's data unreadable.\n{lines}"
            )
        fresh.replace(file)
    return complete


def _made_up() -> dict[str, str]:
    """Values shaped like the platforms' own: the libraries check lengths."""
    alphabet = string.ascii_letters + string.digits
    return {
        "ANDA_ENCRYPTION_KEYS": f"demo:{base64.b64encode(secrets.token_bytes(32)).decode()}",
        "ANDA_SERVICE_TOKEN": secrets.token_urlsafe(32),
        "TWILIO_ACCOUNT_SID": f"AC{secrets.token_hex(16)}",
        "TWILIO_AUTH_TOKEN": secrets.token_hex(16),
        "TWILIO_FROM_NUMBER": "+15550100000",
        "WECHAT_APP_ID": f"wx{secrets.token_hex(8)}",
        "WECHAT_APP_SECRET": secrets.token_hex(16),
        "WECHAT_TOKEN": "".join(secrets.choice(alphabet) for _ in range(24)),
        "WECHAT_ENCODING_AES_KEY": base64.b64encode(secrets.token_bytes(32))
        .decode()
        .rstrip("=")
        .replace("+", "A")
        .replace("/", "B"),
    }
