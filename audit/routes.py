"""The audit log, for headquarters."""

from typing import Any

from flask_smorest import Blueprint

from audit import queries
from audit.schemas import AuditIn, AuditPageOut
from kit.web.auth import auth
from kit.web.io import query, reply
from kit.web.paging import page

bp = Blueprint("audit", __name__, url_prefix="/v1/audit", description="Who did what to what")


@bp.get("")
@auth(roles={"hq_admin", "auditor"})
@query(AuditIn)
@reply(AuditPageOut)
def list_entries(limit: int, cursor: str | None, **search: Any) -> dict[str, Any]:
    """Who created, changed or deleted what, the latest first."""
    wanted = queries.Search(**search)
    return page(
        lambda after, count: queries.list_entries(wanted, after=after, limit=count),
        name="audit",
        cursor=cursor,
        limit=limit,
        key=lambda row: [row["created_at"].isoformat(), row["id"]],
    )
