"""What came of content."""

from datetime import datetime
from typing import Any
from uuid import UUID

from kit.web.auth import auth, principal
from kit.web.io import query, reply
from kit.web.units import report
from performance import queries
from performance.routes.blueprint import bp
from performance.schemas.content import ContentFiguresIn, ContentFiguresListOut
from staff.rules import ANY_STAFF


@bp.get("/content-figures")
@auth(roles=ANY_STAFF)
@report
@query(ContentFiguresIn)
@reply(ContentFiguresListOut)
def list_content_figures(
    by: str, since: datetime, until: datetime, content_id: UUID | None, limit: int
) -> dict[str, Any]:
    """Forwarded, delivered, opened, asked about, ordered: per content, version, guide, store or channel."""
    items = queries.list_content_figures(
        by=by, since=since, until=until, content_id=content_id, principal=principal(), limit=limit
    )
    return {"items": items}
