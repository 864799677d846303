"""Feeds: what happened, in commit order, read on from where the reader was; none missed, none told twice.

Rows are read in their settled order (kit/settled.py).
"""

from collections.abc import Callable
from typing import Any, NamedTuple

from marshmallow import fields
from sqlalchemy import text

from kit.db import db
from kit.errors import Gone
from kit.web import validate
from kit.web.cursors import Foreign, read_cursor, write_cursor
from kit.web.io import QueryIn
from kit.words import say

MAX_LIMIT = 1000
AHEAD = text("SELECT :transaction_id >= pg_snapshot_xmax(pg_current_snapshot())::text::bigint")
REASONS = {
    "not_ours": say("sync_reset.not_ours"),
    "other_database": say("sync_reset.other_database"),
    "earlier_database": say("sync_reset.earlier_database"),
    "other_reader": say("sync_reset.other_reader"),
}


class SyncReset(Gone):
    """The position in a feed is not of this feed, reader and database: read from the beginning (`reason` says why)."""

    code = "sync_reset"


class FeedIn(QueryIn):
    """`after` and `limit`, for every feed."""

    after = fields.String(
        load_default=None,
        validate=validate.Length(max=1000),
        metadata={"description": "`next_after` of the last answer; without it, from the beginning."},
    )
    limit = fields.Integer(load_default=100, validate=validate.Range(1, MAX_LIMIT))


class Feed(NamedTuple):
    """A feed; its `version` is raised when the shape of its items changes, so that readers begin anew."""

    name: str
    version: int


def follow(
    feed: Feed, *, after: str | None, fetch: Callable[[tuple[int, int]], list[dict[str, Any]]]
) -> dict[str, Any]:
    """The next items of the feed and where to go on; `fetch` reads what is past (transaction_id, id).

    Its rows have both, and lose the first. Raises SyncReset.
    """
    name = f"feed {feed.name} {feed.version}"
    position = _position(after, name=name) if after is not None else (0, 0)
    items = fetch(position)
    if items:
        position = (items[-1]["transaction_id"], items[-1]["id"])
    for item in items:
        del item["transaction_id"]
    return {"items": items, "next_after": write_cursor(list(position), name=name)}


def _position(after: str, *, name: str) -> tuple[int, int]:
    try:
        transaction_id, row_id = read_cursor(after, name=name)
    except Foreign as foreign:
        reason = str(foreign)
        raise SyncReset(REASONS[reason], reason=reason) from None
    if db.session.scalar(AHEAD, {"transaction_id": transaction_id}):
        raise SyncReset(REASONS["earlier_database"], reason="earlier_database")
    return transaction_id, row_id
