"""Refusals as RFC 9457 problem details: the only place that knows which refusal is which HTTP status."""

import logging
from functools import cached_property
from http import HTTPStatus
from typing import Any

import flask_smorest
import orjson
from flask import Flask, Response, g
from marshmallow import EXCLUDE, Schema, fields
from psycopg.errors import QueryCanceled
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import HTTPException

from kit import errors
from kit.versions import Stale
from kit.web.etag import PreconditionRequired
from kit.web.io import UnsupportedMediaType, encode
from kit.web.language import spoken
from kit.web.validate import by_field
from kit.words import Said, say, title_of

RETRY_AFTER_SECONDS = 5
log = logging.getLogger(__name__)

STATUSES: dict[type[errors.DomainError], int] = {
    errors.Malformed: 400,
    errors.Unauthenticated: 401,
    errors.Forbidden: 403,
    errors.NotFound: 404,
    errors.Conflict: 409,
    errors.Gone: 410,
    Stale: 412,
    errors.TooLarge: 413,
    errors.Invalid: 422,
    PreconditionRequired: 428,
    UnsupportedMediaType: 415,
    errors.TooMany: 429,
    errors.Unavailable: 503,
}
HTTP_CODES = {
    400: "malformed",
    404: "not_found",
    405: "method_not_allowed",
    413: "too_large",
    415: "unsupported_media_type",
    422: "invalid",
    429: "too_many_requests",
}


class ProblemOut(Schema):
    """What every error answer looks like (RFC 9457); some codes carry facts of their own beside these."""

    class Meta:
        unknown = EXCLUDE  # nothing said of other fields: there may be more

    type = fields.String(required=True, metadata={"example": "about:blank"})
    title = fields.String(required=True)
    status = fields.Integer(required=True)
    detail = fields.String(required=True)
    code = fields.String(required=True, metadata={"description": "Stable; see docs/reference/codes.md."})
    request_id = fields.String(required=True, metadata={"description": "The id its log lines carry."})


class Api(flask_smorest.Api):
    """flask-smorest's OpenAPI, with problem details as its error shape."""

    ERROR_SCHEMA = ProblemOut
    DEFAULT_ERROR_RESPONSE_NAME = "PROBLEM"

    @cached_property
    def _document(self) -> bytes:
        return orjson.dumps(self.spec.to_dict())

    def _openapi_json(self) -> Response:
        """The specification, put together once: anybody may ask for it."""
        return Response(self._document, mimetype="application/json")

    def _register_responses(self) -> None:
        """Nothing yet: `kit.web.problems` says which refusals each operation has, and takes these names away."""
        for name in ("PROBLEM", *(status.name for status in HTTPStatus if status >= 400)):
            self.spec.components.response(name, {"description": name}, lazy=True)

    def handle_http_exception(self, error: HTTPException) -> Response:
        status = error.code or 500
        code = HTTP_CODES.get(status, "error")
        detail = say(f"http.{status}") if status in HTTP_CODES else say("http.other", status=status)
        response = problem(status, code=code, detail=detail)
        if status == 405 and (allow := getattr(error, "valid_methods", None)):
            response.headers["Allow"] = ", ".join(sorted(allow))
        return response


def init_app(app: Flask) -> None:
    """Turn refusals and accidents into problem details."""
    app.register_error_handler(errors.DomainError, _refusal)
    for kind in (OperationalError, PoolTimeout):
        app.register_error_handler(kind, _unavailable)
    app.register_error_handler(Exception, _accident)


def problem(status: int, *, code: str, detail: Said, **details: Any) -> Response:
    """An `application/problem+json` answer, in the language that the request asks for."""
    content = {
        "type": "about:blank",
        "title": spoken(title_of(code)),
        "status": status,
        "detail": spoken(detail),
        "code": code,
        "request_id": g.get("request_id", ""),
        **details,
    }
    return Response(encode(content), status=status, mimetype="application/problem+json")


def status_of(refusal: type[errors.DomainError]) -> int:
    """The HTTP status of a kind of refusal: that of its nearest known ancestor."""
    return next(STATUSES[kind] for kind in refusal.__mro__ if kind in STATUSES)


def _refusal(refusal: errors.DomainError) -> Response:
    details = dict(refusal.details)
    if isinstance(refusal, errors.Invalid) and refusal.errors:
        details["errors"] = by_field(refusal.errors)
    status = status_of(type(refusal))
    response = problem(status, code=refusal.code, detail=refusal.said, **details)
    if seconds := details.get("retry_after_seconds"):
        response.headers["Retry-After"] = str(seconds)
    if status == 401:
        response.headers["WWW-Authenticate"] = "Bearer"
    return response


class TookTooLong(errors.Unavailable):
    """A statement of a request was ended by the database (`statement_timeout`)."""

    code = "took_too_long"


def _unavailable(error: Exception) -> Response:
    """PostgreSQL is away, out of connections, or gave up on a lock or a deadlock: nothing was changed."""
    if isinstance(getattr(error, "orig", None), QueryCanceled):
        log.warning("a statement took too long", exc_info=error)
        return _refusal(TookTooLong(say("took_too_long")))
    log.error("database unavailable", exc_info=error)
    return _refusal(errors.Unavailable(retry_after_seconds=RETRY_AFTER_SECONDS))


def _accident(error: Exception) -> Response:
    log.error("unhandled error", exc_info=error)
    return problem(500, code="internal_error", detail=say("internal_error"))
