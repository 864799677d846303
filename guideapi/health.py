"""Is it alive, is it ready, and what are its figures? For load balancers and Prometheus."""

from collections.abc import Callable

from flask import Blueprint, Response, jsonify
from sqlalchemy import text

from guideapi import observe
from kit import jobs, storage
from kit.db import fetch_one
from kit.web.auth import public
from kit.web.limits import per_address

bp = Blueprint("health", __name__)


@bp.get("/healthz")
@public
@per_address(None)
def healthz() -> Response:
    """200 while the process can answer at all."""
    return jsonify(status="ok")


@bp.get("/readyz")
@public
@per_address(None)
def readyz() -> tuple[Response, int]:
    """200 when every part answers; otherwise 503, naming what is down."""
    down = sorted(name for name, check in CHECKS.items() if not _passes(check))
    return jsonify(status="down" if down else "ok", down=down), 503 if down else 200


@bp.get("/metrics")
@public
@per_address(None)
def metrics() -> Response:
    """Prometheus text format, over all server processes."""
    return Response(observe.render_metrics(), mimetype=observe.METRICS_TYPE)


def _passes(check: Callable[[], object]) -> bool:
    try:
        check()
    except Exception:
        # Whatever it was, the part is down; the answer must not fail with it.
        return False
    return True


CHECKS: dict[str, Callable[[], object]] = {
    "database": lambda: fetch_one(text("SELECT 1")),
    "redis": lambda: jobs.connection().ping(),
    "storage": lambda: storage.has("readyz"),
}
