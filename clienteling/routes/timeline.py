"""A customer's timeline over HTTP."""

from typing import Any
from uuid import UUID

from clienteling import queries
from clienteling.routes.blueprint import READ, SERVE, bp
from clienteling.schemas.timeline import TimelinePageOut
from customers.queries.sight import CustomerNotFound
from kit.web.auth import auth, principal
from kit.web.io import query, reply
from kit.web.paging import PageIn, page
from kit.web.refusals import refuses


@bp.get("/customers/<uuid:customer_id>/timeline")
@auth(roles=SERVE, scope=READ)
@refuses(CustomerNotFound)
@query(PageIn)
@reply(TimelinePageOut)
def list_timeline(customer_id: UUID, cursor: str | None, limit: int) -> dict[str, Any]:
    """What happened to a customer in my sight, newest first: orders, touches, follow-ups, tags and the rest."""
    return timeline_page(customer_id, cursor=cursor, limit=limit)


def timeline_page(customer_id: UUID, *, cursor: str | None, limit: int) -> dict[str, Any]:
    """A page of a customer's timeline, as the caller sees it."""

    def fetch(after: list[Any] | None, count: int) -> list[dict[str, Any]]:
        return queries.list_timeline(customer_id, principal=principal(), after=after, limit=count)

    return page(fetch, name=f"timeline of {customer_id}", cursor=cursor, limit=limit, key=_key)


def _key(row: dict[str, Any]) -> list[Any]:
    return [row["at"].isoformat(), row["kind"], row["id"]]
