"""Which orders have lines that were sold before their SKU, brand or category was known, and can be classified now."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import text

from catalog.queries.skus import ALSO_CALLED
from kit.db import db

# From one unknown code to the next by the index of unclassified lines: many lines may wait for one code.
CALLED = ALSO_CALLED.format(told="waiting.sku_code")
ARRIVED = text(f"""
    WITH RECURSIVE waiting AS (
      (SELECT sku_code FROM order_line WHERE sku_id IS NULL ORDER BY sku_code LIMIT 1)
      UNION ALL
      SELECT (SELECT l.sku_code FROM order_line l
              WHERE l.sku_id IS NULL AND l.sku_code > waiting.sku_code ORDER BY l.sku_code LIMIT 1)
      FROM waiting WHERE waiting.sku_code IS NOT NULL
    )
    SELECT DISTINCT order_id FROM (
      SELECT l.order_id
      FROM waiting CROSS JOIN LATERAL (
        SELECT order_id FROM order_line WHERE sku_code = waiting.sku_code AND sku_id IS NULL LIMIT :limit
      ) l
      WHERE EXISTS (SELECT FROM sku WHERE code = waiting.sku_code) OR ({CALLED}) IS NOT NULL
      LIMIT :limit
    ) line
""")  # noqa: S608 - built from constants
# Of each SKU, brand and category that lines have, one line is looked at.
CHANGED = text("""
    WITH RECURSIVE held AS (
      (SELECT sku_id, brand_id, category_id FROM order_line WHERE classified_revision IS NOT NULL
       ORDER BY sku_id, brand_id, category_id LIMIT 1)
      UNION ALL
      SELECT next.* FROM held CROSS JOIN LATERAL (
        SELECT sku_id, brand_id, category_id FROM order_line
        WHERE classified_revision IS NOT NULL
          AND (sku_id, brand_id, category_id) > (held.sku_id, held.brand_id, held.category_id)
        ORDER BY sku_id, brand_id, category_id LIMIT 1
      ) next
    )
    SELECT DISTINCT order_id FROM (
      SELECT l.order_id
      FROM held JOIN sku ON sku.id = held.sku_id JOIN product p ON p.id = sku.product_id
      CROSS JOIN LATERAL (
        SELECT order_id FROM order_line
        WHERE classified_revision IS NOT NULL AND sku_id = held.sku_id AND brand_id = held.brand_id
          AND category_id = held.category_id LIMIT :limit
      ) l
      WHERE (held.brand_id, held.category_id) <> (p.brand_id, p.category_id)
      LIMIT :limit
    ) line
""")


def find_arrived(*, limit: int) -> Sequence[UUID]:
    """The orders of up to `limit` lines that were sold with a SKU that no source had brought, and one has now."""
    return db.session.scalars(ARRIVED, {"limit": limit}).all()


def find_changed(*, limit: int) -> Sequence[UUID]:
    """The orders of up to `limit` lines, unsorted or classified late, whose product is of another brand or category."""
    return db.session.scalars(CHANGED, {"limit": limit}).all()
