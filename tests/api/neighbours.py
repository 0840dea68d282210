"""What the api calls beside its database: the bot, its actions and the knowledge service, all well, on one port."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

# What the knowledge service says to a tried question.
FOUND = {"fits": False, "threshold": 0.5, "index": "0", "hits": []}


class _Neighbour(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self._say({"status": "ok"})

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("content-length") or 0))
        self._say(FOUND)

    def _say(self, body: dict[str, Any]) -> None:
        data = json.dumps(body).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: Any) -> None:
        """Quiet."""


@contextmanager
def neighbours() -> Iterator[str]:
    """Their address while they run."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Neighbour)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    thread.join()
