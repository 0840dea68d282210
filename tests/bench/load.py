"""`python -m tests.bench.load PORT ours|bare SECONDS AT_ONCE LABEL`: posts like Twilio, prints the seconds of each."""

from __future__ import annotations

import asyncio
import itertools
import json
import sys
import time
from urllib.parse import urlencode

from twilio.request_validator import RequestValidator

PEOPLE = 400
TOKEN = "bench-twilio-token"
TEXT = "我的理赔到哪一步了？上周交了材料，想知道什么时候能有结果"


def prepared(port: int, label: str, number: int) -> bytes:
    """A whole HTTP request, signed as Twilio signs."""
    url = f"http://127.0.0.1:{port}/channels/sms/inbound"
    form = {
        "ToCountry": "US", "SmsMessageSid": f"SM{label}-{number}", "NumMedia": "0", "FromZip": "",
        "SmsSid": f"SM{label}-{number}", "SmsStatus": "received", "Body": TEXT, "To": "+15550100000",
        "NumSegments": "1", "MessageSid": f"SM{label}-{number}", "AccountSid": "AC" + "0" * 32,
        "From": f"+1313555{number % PEOPLE:04d}", "ApiVersion": "2010-04-01",
    }  # fmt: skip
    signature = RequestValidator(TOKEN).compute_signature(url, form)
    return _request("/channels/sms/inbound", urlencode(form).encode(), f"X-Twilio-Signature: {signature}\r\n")


def bare(label: str, number: int) -> bytes:
    """The same size of body for the bare endpoint."""
    body = urlencode({"id": f"{label}-{number}", "from": f"+1313555{number % PEOPLE:04d}", "text": TEXT})
    return _request("/inbound", body.encode(), "")


def _request(path: str, body: bytes, headers: str) -> bytes:
    head = (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/x-www-form-urlencoded\r\n"
        f"{headers}Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


async def _post_one_after_the_other(port: int, requests: itertools.chain[bytes], ends: float) -> list[float]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    taken: list[float] = []
    while time.perf_counter() < ends:
        started = time.perf_counter()
        writer.write(next(requests))
        head = await reader.readuntil(b"\r\n\r\n")
        if b" 200 " not in head[:15] and b" 204 " not in head[:15]:
            raise SystemExit(head.decode())
        length = [line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
        if length:
            await reader.readexactly(int(length[0].split(b":")[1]))
        taken.append(time.perf_counter() - started)
    writer.close()
    return taken


async def main() -> None:
    port, which, seconds, at_once, label = sys.argv[1:]
    make = (lambda n: prepared(int(port), label, n)) if which == "ours" else (lambda n: bare(label, n))
    # Made beforehand, so that signing costs the measured processes nothing.
    ready = [make(number) for number in range(int(float(seconds) * 2500))]
    requests = itertools.chain(ready, map(make, itertools.count(len(ready))))
    ends = time.perf_counter() + float(seconds)
    posts = (_post_one_after_the_other(int(port), requests, ends) for _ in range(int(at_once)))
    print(json.dumps([seconds for taken in await asyncio.gather(*posts) for seconds in taken]))


if __name__ == "__main__":
    asyncio.run(main())
