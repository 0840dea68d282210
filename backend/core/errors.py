"""Expected failures have names and carry their HTTP status; one handler renders them as problem+json (RFC 9457)."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from sqlalchemy.exc import DataError, IntegrityError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnection
from sqlalchemy.orm.exc import StaleDataError
from starlette.exceptions import HTTPException

log = logging.getLogger(__name__)


class Problem(Exception):
    """Base of expected failures: `code` is stable for machines, the message is a sentence for people."""

    status_code = 400
    code = "bad_request"

    def __init__(self, detail: str, **extra: Any) -> None:
        super().__init__(detail)
        self.detail = detail
        self.extra = extra


class BadRequest(Problem):
    pass


class Unauthenticated(Problem):
    status_code, code = 401, "unauthenticated"


class Forbidden(Problem):
    status_code, code = 403, "forbidden"


class NotFound(Problem):
    status_code, code = 404, "not_found"


class Conflict(Problem):
    status_code, code = 409, "conflict"


class VersionConflict(Conflict):
    """Somebody changed the record since it was read."""

    code = "version_conflict"

    def __init__(
        self,
        detail: str = "Somebody changed this in the meantime. Read it again, then repeat your change.",
        **extra: Any,
    ) -> None:
        super().__init__(detail, **extra)


class TooLarge(Problem):
    status_code, code = 413, "too_large"


class Invalid(Problem):
    status_code, code = 422, "invalid"


class TooManyRequests(Problem):
    status_code, code = 429, "too_many_requests"


class Unavailable(Problem):
    status_code, code = 503, "unavailable"


CODES = {
    401: "unauthenticated",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    413: "too_large",
}


def problem_response(status: int, code: str, detail: str, **extra: Any) -> JSONResponse:
    """A problem+json body with a stable code."""
    body = {
        "type": "about:blank",
        "title": code.replace("_", " "),
        "status": status,
        "detail": detail,
        "code": code,
    }
    headers = {"Retry-After": str(extra["retry_after"])} if "retry_after" in extra else None
    return JSONResponse(body | extra, status, media_type="application/problem+json", headers=headers)


LIMITS = ("ge", "gt", "le", "lt", "min_length", "max_length", "error", "expected")


def wrong_field(error: Mapping[str, Any]) -> dict[str, str]:
    """Where and what; `rule` and `limit` let a page say it in its own language."""
    # The input itself is left out: it may hold personal data.
    limits = [str(error["ctx"][name]) for name in LIMITS if name in error.get("ctx", {})]
    place = ".".join(str(part) for part in error["loc"] if part != "[key]")
    return {
        "field": place,
        "error": error["msg"],
        "rule": error["type"],
        "limit": limits[0] if limits else "",
    }


def _fields(error: RequestValidationError) -> list[dict[str, str]]:
    return [wrong_field(one) for one in error.errors()]


def add_problem_handlers(app: FastAPI) -> None:
    """Render every expected failure, FastAPI's own ones and crashes as problem+json."""

    @app.exception_handler(Problem)
    async def _problem(_: Request, error: Problem) -> JSONResponse:
        return problem_response(error.status_code, error.code, error.detail, **error.extra)

    @app.exception_handler(HTTPException)
    async def _http(_: Request, error: HTTPException) -> JSONResponse:
        return problem_response(
            error.status_code, CODES.get(error.status_code, "http_error"), str(error.detail)
        )

    @app.exception_handler(RequestValidationError)
    async def _validation(_: Request, error: RequestValidationError) -> JSONResponse:
        return problem_response(
            422, "invalid", "Some fields are missing or not valid.", errors=_fields(error)
        )

    @app.exception_handler(DataError)
    async def _out_of_range(_: Request, error: DataError) -> JSONResponse:
        return problem_response(422, "invalid", "A value is out of range.")

    @app.exception_handler(StaleDataError)
    async def _changed_meanwhile(request: Request, _: StaleDataError) -> JSONResponse:
        return await _problem(request, VersionConflict())

    @app.exception_handler(IntegrityError)
    async def _clashes(_: Request, error: IntegrityError) -> JSONResponse:
        name = getattr(getattr(error.orig, "diag", None), "constraint_name", None)
        log.warning("clash", extra={"constraint": name})
        return problem_response(409, "conflict", "This clashes with what is already there.")

    @app.exception_handler(OperationalError)
    @app.exception_handler(InterfaceError)
    @app.exception_handler(NoConnection)
    async def _database_away(request: Request, error: Exception) -> JSONResponse:
        log.warning("database_unreachable", extra={"path": request.url.path, "error": type(error).__name__})
        detail = "The service is not available right now. Please try again in a moment."
        return problem_response(503, "unavailable", detail, retry_after=2)

    @app.exception_handler(Exception)
    async def _crash(request: Request, error: Exception) -> JSONResponse:
        log.error("request_failed", extra={"path": request.url.path, "error": type(error).__name__})
        return problem_response(500, "internal_error", "Something failed on our side. Please try again.")
