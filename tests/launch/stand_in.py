"""The launcher with stand-ins for the product's processes: `python tests/launch/stand_in.py`, settings as usual.

Each stand-in notes in the data folder when it is told to end; the api's and the simulator's answer every page.
"""

import os
import sys
from pathlib import Path
from unittest.mock import patch

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from backend.launch import __main__ as launcher
from backend.launch import supervisor
from backend.launch.processes import Command
from backend.launch.settings import Launch

NOTE_AND_END = """
import os, pathlib, signal, sys, time
def end(*_):
    with open(os.environ["ANDA_DATA_DIR"] + "/ended", "a") as ended:
        ended.write(sys.argv[1] + "\\n")
    os._exit(0)
signal.signal(signal.SIGTERM, end)
"""
WAIT = NOTE_AND_END + "time.sleep(600)"
ANSWER = (
    NOTE_AND_END
    + """
from http.server import BaseHTTPRequestHandler, HTTPServer
class Healthy(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
port = os.environ["ANDA_SIMULATOR_URL"].rsplit(":")[-1] if sys.argv[1] == "simulator" else os.environ["ANDA_PORT"]
HTTPServer(("127.0.0.1", int(port)), Healthy).serve_forever()
"""
)
FAIL = "import sys; sys.exit('no such table')"


class NothingToPrepare:
    """Every step is done at once."""

    def __init__(self, *_: object) -> None:
        pass

    async def make_model(self) -> None:
        """Does nothing, as all of these."""

    migrate = seed_articles = load_demo = build_index = train_bot = make_model


def stand_ins(_: Launch) -> dict[str, Command]:
    """The product's names with stand-ins behind them."""
    scripts = dict.fromkeys(("bot", "knowledge", "actions", "worker"), WAIT) | {"simulator": ANSWER}
    scripts["api"] = FAIL if os.environ.get("API_FAILS") else ANSWER
    return {name: Command(name, (sys.executable, "-c", script, name)) for name, script in scripts.items()}


if __name__ == "__main__":
    with (
        patch.object(supervisor, "commands", stand_ins),
        patch.object(supervisor, "Preparation", NothingToPrepare),
        patch.object(sys, "argv", ["stand_in", "up"]),
    ):
        sys.exit(launcher.main())
