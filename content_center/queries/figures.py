"""What came of the forwards of a period: forwarded, delivered, opened, asked about."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text

from kit.db import fetch_all
from kit.principal import Principal, Reach

# Grouping -> its key on `forward f`, the table that names it, the name.
GROUPINGS = {
    "content": ("f.content_id", "content_version n ON n.content_id = k.key AND n.number = c.live_number", "n.title"),
    "version": ("f.content_version_id", "content_version n ON n.id = k.key", "n.title || ' v' || n.number"),
    "guide": ("f.guide_id", "staff n ON n.id = k.key", "n.name"),
    "store": ("f.store_id", "store n ON n.id = k.key", "n.name"),
    "channel": ("f.channel", None, "k.key"),
}
SCOPES = {
    Reach.SELF: "f.guide_id = :me",
    Reach.STORE: "f.store_id = ANY(:store_ids)",
    Reach.REGION: """(f.store_id = ANY(:store_ids) OR f.store_id IN (
      SELECT s.id FROM store s JOIN region r ON r.id = s.region_id
      WHERE r.ancestor_ids @> ARRAY[CAST(:region_id AS uuid)]))""",
    Reach.ALL: "true",
}
# Touches come after their forward, so that months before the period need not be read. Each table is read once.
FIGURES = """
WITH shared AS MATERIALIZED (
  SELECT f.id, {key} AS key, EXISTS (SELECT FROM forward_confirmation WHERE forward_id = f.id) AS delivered
  FROM forward f
  WHERE f.created_at >= :since AND f.created_at < :until AND {scope} AND {content}
), seen AS (
  SELECT s.key, t.viewer, t.forward_id, t.kind, t.counted, t.dwell_ms
  FROM touch t JOIN shared s ON s.id = t.forward_id
  WHERE t.created_at >= :since
), k AS (
  SELECT key, count(*) AS forwards, count(*) FILTER (WHERE delivered) AS delivered FROM shared GROUP BY key
), touched AS (
  SELECT key,
         count(DISTINCT forward_id) FILTER (WHERE counted AND kind = 'open') AS opened,
         count(DISTINCT viewer) FILTER (WHERE counted AND kind = 'open') AS viewers,
         count(*) FILTER (WHERE counted AND kind = 'click') AS clicks,
         round(avg(dwell_ms) FILTER (WHERE counted AND kind = 'dwell'))::bigint AS dwell_ms,
         count(*) FILTER (WHERE NOT counted) AS excluded
  FROM seen GROUP BY key
)
SELECT k.key::text AS key, {name} AS label, k.forwards, k.delivered, coalesce(t.opened, 0) AS opened,
       coalesce(t.viewers, 0) AS viewers, coalesce(t.clicks, 0) AS clicks, coalesce(t.dwell_ms, 0) AS dwell_ms,
       coalesce(t.excluded, 0) AS excluded
FROM k LEFT JOIN touched t ON t.key = k.key {join}
ORDER BY k.forwards DESC, k.key LIMIT :limit"""


def list_figures(
    *, by: str, since: datetime, until: datetime, content_id: UUID | None, principal: Principal, limit: int
) -> list[dict[str, Any]]:
    """Figures of the forwards made in [since, until) that the principal sees, the most forwarded first.

    `viewers` are different people within each row; `dwell_ms` is the mean of the visits that count.
    """
    statement = figures_statement(by=by, reach=principal.reach, one_content=content_id is not None)
    parameters = {
        "since": since,
        "until": until,
        "content_id": content_id,
        "limit": limit,
        "me": principal.id,
        "store_ids": list(principal.store_ids),
        "region_id": principal.region_id,
    }
    return list(fetch_all(text(statement), parameters))


def figures_statement(*, by: str, reach: Reach, one_content: bool) -> str:
    """The SQL of `list_figures`."""
    key, table, name = GROUPINGS[by]
    join = f"JOIN {table}" if table else ""
    if by == "content":
        join = f"JOIN content c ON c.id = k.key {join}"
    content = "f.content_id = :content_id" if one_content else "true"
    return FIGURES.format(key=key, name=name, join=join, scope=SCOPES[reach], content=content)
