"""Prometheus metrics at /metrics: what waits, what was stored and sent, read from the database when asked."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Gauge, generate_latest
from sqlalchemy import text

router = APIRouter(include_in_schema=False)

# The tables are named here because core may not import the areas that own them.
GROUPS = {
    "anda_inbound_messages": (
        "Inbound messages by state",
        "SELECT state, count(*) FROM inbound_messages GROUP BY 1",
    ),
    "anda_outbound_messages": (
        "Outbound messages by state",
        "SELECT state, count(*) FROM outbound_messages GROUP BY 1",
    ),
    "anda_tickets": ("Tickets by status", "SELECT status, count(*) FROM tickets GROUP BY 1"),
}
OLDEST = "SELECT coalesce(extract(epoch FROM now() - min(created_at)), 0) FROM inbound_messages WHERE state = 'stored'"


@router.get("/metrics")
async def metrics(request: Request) -> Response:
    """Counts by state, and how long the oldest unanswered message has waited."""
    registry = CollectorRegistry()
    async with request.app.state.database.session() as session:
        for name, (description, query) in GROUPS.items():
            gauge = Gauge(name, description, ["state"], registry=registry)
            for state, count in await session.execute(text(query)):
                gauge.labels(state).set(count)
        oldest = Gauge(
            "anda_oldest_unanswered_seconds", "Age of the oldest unanswered message", registry=registry
        )
        oldest.set(float(await session.scalar(text(OLDEST)) or 0))
    return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)
