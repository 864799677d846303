"""What figures there are, and what they mean."""

from typing import Any

from kit.web.auth import auth
from kit.web.io import reply
from performance import present
from performance.queries.catalogue import list_metrics
from performance.routes.blueprint import bp
from performance.schemas.metrics import MetricsOut
from staff.rules import ANY_STAFF


@bp.get("/metrics")
@auth(roles=ANY_STAFF)
@reply(MetricsOut)
def get_metrics() -> dict[str, Any]:
    """Every figure: its names, its unit, what it means, on which day and where it counts."""
    return {"items": [present.metric(found) for found in list_metrics()]}
