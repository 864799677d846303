"""Is it alive, is it ready, and what are its figures? For load balancers and Prometheus."""

from collections.abc import Callable, Mapping
from hmac import compare_digest

from flask import Blueprint, Response, current_app, jsonify, request
from sqlalchemy import text

from guideapi import observe, work_figures
from kit import storage
from kit.db import fetch_one
from kit.errors import Unauthenticated
from kit.web.asked import lenient
from kit.web.auth import public
from kit.web.limits import per_address
from kit.words import say

bp = Blueprint("health", __name__)

# A block of most file systems, so that one that is full refuses it.
PROBE = bytes(4096)


@bp.get("/healthz")
@public
@lenient
@per_address(None)
def healthz() -> Response:
    """200 while the process can answer at all."""
    return jsonify(status="ok")


@bp.get("/readyz")
@public
@lenient
@per_address(None)
def readyz() -> tuple[Response, int]:
    """503 when the database is down: without it nothing is answered. What else fails is named, and serving goes on."""
    down, degraded = _failing(NEEDED), _failing(USEFUL)
    status = "down" if down else "degraded" if degraded else "ok"
    return jsonify(status=status, down=down, degraded=degraded), 503 if down else 200


@bp.get("/metrics")
@public
@lenient
@per_address(None)
def metrics() -> Response:
    """Prometheus text format, over all server processes, for who has METRICS_TOKEN; without one set, for nobody."""
    token = current_app.config["METRICS_TOKEN"]
    given = request.headers.get("Authorization", "").partition(" ")[2].strip()
    if not token or not compare_digest(given.encode(), token.encode()):
        raise Unauthenticated(say("unauthenticated.metrics"))
    return Response(observe.render_metrics() + work_figures.render(), mimetype=observe.METRICS_TYPE)


def _failing(checks: Mapping[str, Callable[[], object]]) -> list[str]:
    return sorted(name for name, check in checks.items() if not _passes(check))


def _passes(check: Callable[[], object]) -> bool:
    try:
        check()
    except Exception:
        # Whatever it was, the part is down; the answer must not fail with it.
        return False
    return True


def _redis_answers() -> object:
    # The connection that counts: it gives up at once, and a probe must not hang where a request would not.
    return current_app.extensions["counters"].redis.ping()


NEEDED: dict[str, Callable[[], object]] = {"database": lambda: fetch_one(text("SELECT 1"))}
USEFUL: dict[str, Callable[[], object]] = {
    "redis": _redis_answers,
    # Written, not only looked for: a full disk still answers.
    "storage": lambda: storage.put("readyz", PROBE),
}
