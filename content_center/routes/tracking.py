"""What customers did with what was shared, as a feed, and as a list with reasons."""

from typing import Any
from uuid import UUID

from content_center import queries
from content_center.queries.forwards import ForwardNotFound
from content_center.routes.blueprint import bp
from content_center.schemas.tracking import (
    TouchFeedOut,
    TouchListIn,
    TouchPageOut,
)
from customers.queries import find_masked_names
from kit.web.auth import auth, principal
from kit.web.feeds import Feed, FeedIn, SyncReset, follow
from kit.web.io import query, reply
from kit.web.paging import page
from kit.web.refusals import refuses
from staff.rules import ANY_STAFF, SELLERS

TOUCHES = Feed("touches", version=1)


@bp.get("/touches")
@auth(roles=SELLERS)
@refuses(SyncReset)
@query(FeedIn)
@reply(TouchFeedOut)
def list_touch_feed(after: str | None, limit: int) -> dict[str, Any]:
    """What customers did with what I shared, oldest first, none missed: ask again with `next_after`."""
    guide_id = principal().id
    found = follow(
        TOUCHES, after=after, fetch=lambda past: queries.list_feed(guide_id=guide_id, after=past, limit=limit)
    )
    aimed_at = [queries.find_only_customer(item["target"]) for item in found["items"]]
    names = find_masked_names({id_ for id_ in aimed_at if id_}, principal())
    for item, customer_id in zip(found["items"], aimed_at, strict=True):
        del item["id"]
        item["customer_name"] = names.get(customer_id) if customer_id else None
    return found


@bp.get("/forwards/<uuid:forward_id>/touches")
@auth(roles=ANY_STAFF)
@refuses(ForwardNotFound)
@query(TouchListIn)
@reply(TouchPageOut)
def list_touches(forward_id: UUID, counted: bool | None, cursor: str | None, limit: int) -> dict[str, Any]:
    """All that happened on a forward's link, newest first; what does not count says why."""
    queries.get_forward(forward_id, principal=principal())

    def fetch(after: list[Any] | None, count: int) -> list[dict[str, Any]]:
        return queries.list_touches(forward_id, counted=counted, after=after, limit=count)

    return page(fetch, name=f"touches:{forward_id}", cursor=cursor, limit=limit, key=_key)


def _key(row: dict[str, Any]) -> list[Any]:
    return [row["at"].isoformat(), row["id"]]
