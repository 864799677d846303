"""The catalog as it is seen, for comparing whole catalogs."""

from typing import Any

from sqlalchemy import text

from kit.db import db, fetch_all

CATALOG = text("""
SELECT p.external_id, p.source_version, p.content_digest, p.title, b.name AS brand, c.path AS category, p.shelf_status,
       p.shelf_reason,
       ARRAY(SELECT k.code || ' ' || k.price_fen || ' ' || k.in_stock FROM sku k
             WHERE k.product_id = p.id AND k.listed ORDER BY k.code) AS skus
FROM product p JOIN brand b ON b.id = p.brand_id JOIN category c ON c.id = p.category_id
ORDER BY p.source_id, p.external_id
""")


def catalog() -> list[dict[str, Any]]:
    """Every product with what its source said, without ids and times."""
    db.session.rollback()
    return list(fetch_all(CATALOG))


def rows_as_stored(table: str) -> list[tuple[Any, ...]]:
    """Where each row lies and which transaction wrote it: equal before and after means that nothing was written."""
    db.session.rollback()
    return [tuple(row) for row in db.session.execute(text(f"SELECT ctid::text, xmin::text FROM {table} ORDER BY 1"))]
