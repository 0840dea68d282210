"""Requests made up from our own OpenAPI description: never a server error, never an answer it does not describe."""

from __future__ import annotations

from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import response_schema_conformance

from tests.api.good_requests.bot import proved
from tests.api.good_requests.world import World

EXAMPLES = 8
LEFT_OUT = (
    # These would sign the callers out, lock the sign-in, or change whom the other tests are.
    ("", "/api/v1/auth/"),
    ("PUT", "/api/v1/agents/{agent_id}"),
    ("POST", "/api/v1/agents/{agent_id}/password"),
    ("DELETE", "/api/v1/agents/{agent_id}/sessions"),
    # 503 is its word for a part that is not there, as the worker is not in this test.
    ("GET", "/health/parts"),
)


def is_asked(operation: schemathesis.schemas.APIOperation[Any, Any, Any, Any]) -> bool:
    """All operations are, uploads and downloads among them, but for those left out above."""
    return not any(
        operation.method.upper().startswith(method) and operation.path.startswith(path)
        for method, path in LEFT_OUT
    )


def headers_for(
    operation: schemathesis.schemas.APIOperation[Any, Any, Any, Any], world: World
) -> dict[str, str]:
    """The administrator's, from our own page; the bot's operations have our own process and a customer's message."""
    if operation.path.startswith("/api/v1/bot/"):
        return proved(world)[1].headers | {"Authorization": world.callers["service"].headers["Authorization"]}
    return {"Cookie": world.callers["admin"].headers["Cookie"], "Origin": world.base_url}


def problems_of(
    operation: schemathesis.schemas.APIOperation[Any, Any, Any, Any], headers: dict[str, str]
) -> list[str]:
    """What made-up requests of one operation found."""

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy())
    def check(case: schemathesis.Case[Any]) -> None:
        case.call_and_validate(headers=headers, checks=[not_a_server_error, response_schema_conformance])

    try:
        check()
    except (FailureGroup, AssertionError) as error:
        return [f"{operation.label}: {error!s:.1500}"]
    return []


@pytest.mark.timeout(900)
@pytest.mark.filterwarnings("ignore")
def test_no_made_up_request_breaks_the_api(api_schema: schemathesis.BaseSchema, world: World) -> None:
    operations = [found.ok() for found in api_schema.get_all_operations() if isinstance(found, Ok)]
    assert len(operations) > 200
    problems = [
        problem
        for operation in operations
        if is_asked(operation)
        for problem in problems_of(operation, headers_for(operation, world))
    ]
    assert not problems, "\n\n".join(problems)
    assert world.callers["admin"].get("/api/v1/auth/me").status_code == 200, (
        "still signed in: all of it was asked"
    )
