"""What came of the forwards of a period: forwarded, delivered, opened, asked about, ordered."""

from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import TextClause, text

from kit.db import fetch_all
from kit.principal import Principal, Reach
from staff.scope import guide_in_sight_as_text, sight_of

# Grouping -> its key on `forward f`, the table that names it, the name.
GROUPINGS = {
    "content": ("f.content_id", "content_version n ON n.content_id = k.key AND n.number = c.live_number", "n.title"),
    "version": ("f.content_version_id", "content_version n ON n.id = k.key", "n.title || ' v' || n.number"),
    "guide": ("f.guide_id", "staff n ON n.id = k.key", "n.name"),
    "store": ("f.store_id", "store n ON n.id = k.key", "n.name"),
    "channel": ("f.channel", None, "k.key"),
}
# A line was ordered through a link when the claim of whoever shared it holds as it is stored: in its window, of someone
# employed. That another claim may outrank it decides about credit, not about what the content brought.
SOUND = ("won", "shared", "equal_share", "same_guide", "outranked")
# An open by one of these signs is the second row of one visit: the first one waited for it and was not counted.
LATER = ("picture", "beacon", "form")
# Touches come after their forward, so that months before the period need not be read. What was shared is not set apart:
# PostgreSQL could then not read it by several processes at once.
FIGURES = """
WITH shared AS NOT MATERIALIZED (
  SELECT f.id, {key} AS key, EXISTS (SELECT FROM forward_confirmation WHERE forward_id = f.id) AS delivered
  FROM forward f
  WHERE f.created_at >= :since AND f.created_at < :until AND {scope} AND {content}
), seen AS (
  SELECT s.key, t.viewer, t.forward_id, t.kind, t.counted, t.dwell_ms, t.sign
  FROM touch t JOIN shared s ON s.id = t.forward_id
  WHERE t.created_at >= :since
), ordered AS (
  SELECT s.key, o.currency, count(DISTINCT o.id) AS orders, sum(l.net_sales_fen) AS net_fen
  FROM shared s
  JOIN forward_key link ON link.id = s.id
  JOIN sales_order o ON o.share_token = link.token
  JOIN order_line l ON l.order_id = o.id
  JOIN attribution a ON a.line_id = l.id
  JOIN attribution_decision d ON d.id = a.decision_id
  WHERE l.quantity > 0 AND EXISTS (
    SELECT FROM jsonb_to_recordset(d.candidates) AS c(kind text, reason text)
    WHERE c.kind = 'share' AND c.reason = ANY(:sound)
  )
  GROUP BY s.key, o.currency
), bought AS (
  SELECT key, sum(orders)::bigint AS orders,
         jsonb_agg(jsonb_build_object('amount', net_fen, 'currency', currency) ORDER BY currency) AS net_sales
  FROM ordered GROUP BY key
), k AS (
  SELECT key, count(*) AS forwards, count(*) FILTER (WHERE delivered) AS delivered FROM shared GROUP BY key
), touched AS (
  SELECT key,
         count(DISTINCT forward_id) FILTER (WHERE counted AND kind = 'open') AS opened,
         count(DISTINCT viewer) FILTER (WHERE counted AND kind = 'open') AS viewers,
         count(*) FILTER (WHERE counted AND kind = 'click') AS clicks,
         round(avg(dwell_ms) FILTER (WHERE counted AND kind = 'dwell'))::bigint AS dwell_ms,
         count(*) FILTER (WHERE NOT counted) - count(*) FILTER (WHERE kind = 'open' AND sign = ANY(:later)) AS excluded
  FROM seen GROUP BY key
)
SELECT k.key::text AS key, {name} AS label, k.forwards, k.delivered, coalesce(t.opened, 0) AS opened,
       coalesce(t.viewers, 0) AS viewers, coalesce(t.clicks, 0) AS clicks, coalesce(t.dwell_ms, 0) AS dwell_ms,
       coalesce(t.excluded, 0) AS excluded, coalesce(b.orders, 0) AS orders,
       coalesce(b.net_sales, '[]') AS net_sales
FROM k LEFT JOIN touched t ON t.key = k.key LEFT JOIN bought b ON b.key = k.key {join}
ORDER BY k.forwards DESC, k.key LIMIT :limit"""


def list_content_figures(
    *, by: str, since: datetime, until: datetime, content_id: UUID | None, principal: Principal, limit: int
) -> list[dict[str, Any]]:
    """Figures of the forwards made in [since, until) that the principal sees, the most forwarded first.

    `viewers` are different people within each row; `dwell_ms` is the mean of the visits that count; `net_sales` are
    minor units by currency, of all lines that were ordered through the links.
    """
    statement = _statement(by=by, reach=principal.reach, one_content=content_id is not None)
    parameters = {
        "since": since,
        "until": until,
        "content_id": content_id,
        "limit": limit,
        "sound": list(SOUND),
        "later": list(LATER),
        **sight_of(principal),
    }
    return list(fetch_all(statement, parameters))


@lru_cache
def _statement(*, by: str, reach: Reach, one_content: bool) -> TextClause:
    key, table, name = GROUPINGS[by]
    join = f"JOIN {table}" if table else ""
    if by == "content":
        join = f"JOIN content c ON c.id = k.key {join}"
    content = "f.content_id = :content_id" if one_content else "true"
    scope = guide_in_sight_as_text("f.guide_id", "f.store_id", reach)
    return text(FIGURES.format(key=key, name=name, join=join, scope=scope, content=content))
