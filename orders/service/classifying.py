"""Late classification: a line keeps what was true when it was sold, unless its SKU, brand or category was unknown.

Whatever comes first, order or product, the line has the same brand and category in the end. A changed line adds one to
its order's revision, by which upper rooms find what they have to do again.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import text

from catalog.queries.skus import ALSO_CALLED
from kit.db import db
from orders.queries import unclassified

# In one order, so that nobody who works on several orders waits for us while we wait for them.
LOCK_ORDERS = text("""
    SELECT id FROM sales_order WHERE id = ANY (CAST(:order_ids AS uuid[])) ORDER BY id FOR NO KEY UPDATE
""")
CALLED = ALSO_CALLED.format(told="l.sku_code")
CLASSIFY = text(f"""
    WITH line AS MATERIALIZED (
      SELECT l.id, l.order_id, s.id AS sku_id, s.code, p.brand_id, p.category_id, p.title
      FROM order_line l
      JOIN sku s ON s.id = coalesce(l.sku_id, (SELECT id FROM sku WHERE code = l.sku_code), ({CALLED}))
      JOIN product p ON p.id = s.product_id
      WHERE l.order_id = ANY (CAST(:order_ids AS uuid[]))
        AND (l.sku_id IS NULL OR l.classified_revision IS NOT NULL
             AND (l.brand_id, l.category_id) <> (p.brand_id, p.category_id))
    ), changed AS (
      UPDATE sales_order SET revision = revision + 1, changed_at = :now
      WHERE id IN (SELECT order_id FROM line)
      RETURNING id, revision
    )
    UPDATE order_line l
    SET sku_id = line.sku_id, sku_code = line.code,
        told_code = CASE WHEN l.sku_id IS NOT NULL THEN l.told_code WHEN l.sku_code <> line.code THEN l.sku_code END,
        brand_id = line.brand_id, category_id = line.category_id,
        classified_revision = changed.revision,
        product_title = CASE l.product_title WHEN l.sku_code THEN line.title ELSE l.product_title END
    FROM line JOIN changed ON changed.id = line.order_id
    WHERE l.id = line.id
""")  # noqa: S608 - built from constants


def classify_arrived(*, limit: int, now: datetime) -> int:
    """Classify lines whose SKU has come since they were sold, of the orders of `limit` of them; how many lines."""
    return _classify(unclassified.find_arrived(limit=limit), now=now)


def follow_products(*, limit: int, now: datetime) -> int:
    """Classify lines sold unknown again whose product has changed, of the orders of `limit` of them; how many lines."""
    return _classify(unclassified.find_changed(limit=limit), now=now)


def _classify(order_ids: Sequence[UUID], *, now: datetime) -> int:
    if not order_ids:
        return 0
    given = {"order_ids": list(order_ids)}
    db.session.execute(LOCK_ORDERS, given)
    classified = db.session.execute(CLASSIFY, {**given, "now": now})
    return int(classified.rowcount)  # type: ignore[attr-defined]
