"""Requests made up from our own OpenAPI description: never a server error, never an answer it does not describe."""

from __future__ import annotations

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi.checks import response_schema_conformance

EXAMPLES = 3
# These would sign the caller out or lock the sign-in.
LEFT_OUT = ("/api/v1/auth/",)


def problems_of(operation: schemathesis.schemas.APIOperation, headers: dict[str, str]) -> list[str]:
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
    def check(case: schemathesis.Case) -> None:
        case.call_and_validate(headers=headers, checks=[not_a_server_error, response_schema_conformance])

    try:
        check()
    except (FailureGroup, AssertionError) as error:
        return [f"{operation.label}: {error!s:.1500}"]
    return []


@pytest.mark.timeout(900)
@pytest.mark.filterwarnings("ignore")
def test_no_made_up_request_breaks_the_api(
    api_schema: schemathesis.BaseSchema, callers: dict[str, httpx.Client]
) -> None:
    headers = {"Cookie": callers["admin"].headers["Cookie"]}
    operations = [found.ok() for found in api_schema.get_all_operations()]
    assert len(operations) > 30
    problems = [
        problem
        for operation in operations
        if not operation.path.startswith(LEFT_OUT)
        for problem in problems_of(operation, headers)
    ]
    assert not problems, "\n\n".join(problems)
