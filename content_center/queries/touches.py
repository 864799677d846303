"""What customers did with what was shared."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import select, text, tuple_

from content_center.queries.forwards import FOUND
from kit.db import db, fetch_all
from kit.settled import in_order, settled_past
from kit.words import say
from models import Touch

Row = dict[str, Any]


class LastOpen(NamedTuple):
    """When a link was last used before a moment; `by_person`: not by machines alone."""

    guide_id: UUID
    at: datetime
    by_person: bool


# A link that nobody fetched here counts from its sharing: the chain's mini-program shows it without this page. One that
# only machines fetched was not opened by anybody; the guide's own look says nothing either way.
LAST_OPENS = text(f"""
SELECT wanted.token, wanted.at, f.guide_id, greatest(f.created_at, coalesce(last.counted, last.fetched)) AS opened_at,
       last.counted IS NOT NULL OR last.fetched IS NULL AS by_person
FROM unnest(CAST(:tokens AS text[]), CAST(:times AS timestamptz[])) AS wanted (token, at)
JOIN ({FOUND}) ON k.token = wanted.token
CROSS JOIN LATERAL (
  SELECT max(t.created_at) FILTER (WHERE t.counted) AS counted,
         max(t.created_at) FILTER (WHERE t.excluded_reason NOT IN ('own', 'staff')) AS fetched
  FROM touch t WHERE t.forward_id = f.id AND t.created_at <= wanted.at
) last""")  # noqa: S608 - built from constants

FEED = text(f"""
SELECT t.id, t.transaction_id, t.forward_id, f.content_id, v.title, f.channel, f.target, t.kind, t.product_id,
       p.title AS product_title, t.dwell_ms, t.created_at AS at
FROM touch t
JOIN ({FOUND}) ON k.id = t.forward_id
JOIN content_version v ON v.id = f.content_version_id
LEFT JOIN product p ON p.id = t.product_id
WHERE t.guide_id = :guide_id AND t.counted AND {settled_past("t")} ORDER BY {in_order("t")} LIMIT :limit
""")  # noqa: S608 - built from constants


def list_feed(*, guide_id: UUID, after: tuple[int, int], limit: int) -> list[Row]:
    """Settled touches that count, on the guide's forwards, past `after` (transaction, id), oldest first."""
    parameters = {"guide_id": guide_id, "transaction_id": after[0], "id": after[1], "limit": limit}
    return list(fetch_all(FEED, parameters))


def list_touches(forward_id: UUID, *, counted: bool | None, after: Sequence[Any] | None, limit: int) -> list[Row]:
    """All that happened on one forward's link, newest first, with the reason where it does not count."""
    columns = (Touch.id, Touch.kind, Touch.counted, Touch.excluded_reason, Touch.sign, Touch.product_id, Touch.dwell_ms)
    statement = select(*columns, Touch.created_at.label("at")).where(Touch.forward_id == forward_id)
    if counted is not None:
        statement = statement.where(Touch.counted == counted)
    if after is not None:
        past = tuple_(datetime.fromisoformat(after[0]), after[1])
        statement = statement.where(tuple_(Touch.created_at, Touch.id) < past)
    rows = fetch_all(statement.order_by(Touch.created_at.desc(), Touch.id.desc()).limit(limit))
    return [{**row, "detail": (why := row["excluded_reason"]) and say(f"touch.{why}")} for row in rows]


def find_last_opens(links: Collection[tuple[str, datetime]]) -> dict[tuple[str, datetime], LastOpen]:
    """For each (token, moment) who shared that link, and when it was last used by then; unknown tokens are left out."""
    tokens, times = zip(*links, strict=True)
    rows = db.session.execute(LAST_OPENS, {"tokens": list(tokens), "times": list(times)})
    return {(token, at): LastOpen(*last) for token, at, *last in rows}
