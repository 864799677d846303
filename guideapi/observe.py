"""JSON logs with request ids, and Prometheus metrics. Never secrets, never personal data."""

import logging
import re
import sys
import time
from functools import lru_cache, partial
from typing import Any

import orjson
import structlog
from flask import Flask, Response, current_app, g, request
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    REGISTRY,
    CollectorRegistry,
    Counter,
    Histogram,
    generate_latest,
    multiprocess,
)
from structlog.tracebacks import ExceptionDictTransformer

from kit.ids import new_id

METRICS_TYPE = CONTENT_TYPE_LATEST
REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
REQUESTS = Counter("guideapi_requests_total", "Requests answered", ["method", "route", "status"])
SECONDS = Histogram("guideapi_request_seconds", "Seconds to answer", ["method", "route"])
# RQ adds three lines to ours for each job (kit.jobs). The others write down whole addresses and headers, which hold
# keys: WeCom's, those of the sender of codes, what a redirect names. Warnings of theirs come through.
QUIET_LOGGERS = ("rq", "httpx", "httpcore")
SHARED: list[Any] = [
    structlog.contextvars.merge_contextvars,
    structlog.processors.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]


def init_app(app: Flask, *, level: str) -> None:
    """Log and count every request of `app`."""
    configure_logging(level)
    app.before_request(_begin)
    app.after_request(partial(_finish, _request_log(level)))


def configure_logging(level: str) -> None:
    """One JSON object a line on stderr, for our own loggers and the libraries'."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.add_logger_name, *SHARED],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                # Without local variables: they hold passwords and personal data.
                structlog.processors.ExceptionRenderer(ExceptionDictTransformer(show_locals=False)),
                structlog.processors.JSONRenderer(serializer=_as_json),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)
    for name in QUIET_LOGGERS:
        logging.getLogger(name).setLevel(logging.WARNING)


def _request_log(level: str) -> Any:
    """A logger that writes its lines by itself: through the standard library each would take three times as long."""
    return structlog.wrap_logger(
        structlog.WriteLogger(sys.stderr),
        processors=[*SHARED, structlog.processors.JSONRenderer(serializer=_as_json)],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level]),
    ).bind(logger="guideapi.request")


def _as_json(event: dict[str, Any], **_: Any) -> str:
    return orjson.dumps(event, default=str).decode()


def render_metrics() -> bytes:
    """The figures of this process, or of all server processes where they share a folder."""
    folder = current_app.config["METRICS_FOLDER"]
    if folder is None:
        return generate_latest(REGISTRY)
    registry = CollectorRegistry()
    multiprocess.MultiProcessCollector(registry, path=folder)  # type: ignore[no-untyped-call]
    return generate_latest(registry)


@lru_cache(maxsize=2000)
def _meters(method: str, route: str, status: int) -> tuple[Counter, Histogram]:
    return REQUESTS.labels(method, route, status), SECONDS.labels(method, route)


def _begin() -> None:
    given = request.headers.get("X-Request-Id", "")
    g.request_id = given if REQUEST_ID.fullmatch(given) else str(new_id())
    g.started = time.perf_counter()
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(request_id=g.request_id)


def _finish(log: Any, response: Response) -> Response:
    seconds = time.perf_counter() - g.started
    # The rule, not the path: paths carry ids and share tokens.
    route = request.url_rule.rule if request.url_rule else "unmatched"
    requests, in_seconds = _meters(request.method, route, response.status_code)
    requests.inc()
    in_seconds.observe(seconds)
    principal = g.get("principal")
    log.info(
        "request",
        method=request.method,
        route=route,
        status=response.status_code,
        milliseconds=round(seconds * 1000, 1),
        principal=str(principal.id) if principal else None,
    )
    response.headers.add("X-Request-Id", g.request_id)
    return response
