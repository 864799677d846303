"""Which orders have lines that were sold before their SKU was known, and can be classified now."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import text

from kit.db import db

# From one unknown code to the next by the index of unclassified lines: many lines may wait for one code.
ARRIVED = text("""
    WITH RECURSIVE waiting AS (
      (SELECT sku_code FROM order_line WHERE sku_id IS NULL ORDER BY sku_code LIMIT 1)
      UNION ALL
      SELECT (SELECT l.sku_code FROM order_line l
              WHERE l.sku_id IS NULL AND l.sku_code > waiting.sku_code ORDER BY l.sku_code LIMIT 1)
      FROM waiting WHERE waiting.sku_code IS NOT NULL
    )
    SELECT DISTINCT order_id FROM (
      SELECT l.order_id
      FROM waiting JOIN sku ON sku.code = waiting.sku_code
      CROSS JOIN LATERAL (
        SELECT order_id FROM order_line WHERE sku_code = sku.code AND sku_id IS NULL LIMIT :limit
      ) l
      LIMIT :limit
    ) line
""")
CHANGED = text("""
    SELECT DISTINCT order_id FROM (
      SELECT l.order_id
      FROM order_line l JOIN sku ON sku.id = l.sku_id JOIN product p ON p.id = sku.product_id
      WHERE l.classified_revision IS NOT NULL AND (l.brand_id, l.category_id) <> (p.brand_id, p.category_id)
      LIMIT :limit
    ) line
""")


def find_arrived(*, limit: int) -> Sequence[UUID]:
    """The orders of up to `limit` lines that were sold with a SKU that no source had brought, and one has now."""
    return db.session.scalars(ARRIVED, {"limit": limit}).all()


def find_changed(*, limit: int) -> Sequence[UUID]:
    """The orders of up to `limit` lines that were classified late and whose product is of another brand or category."""
    return db.session.scalars(CHANGED, {"limit": limit}).all()
