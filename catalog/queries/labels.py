"""Brands, categories and tags, with how many products each has: a page is counted, each of its rows up to a limit."""

from typing import Any

from sqlalchemy import text

from catalog.rules import CATEGORY_SEPARATOR, category_readings
from kit.db import fetch_all

COUNTED = 1000

BRANDS = text(f"""
SELECT b.name, least(counted.products, {COUNTED}) AS products, counted.products > {COUNTED} AS more
FROM (
  SELECT id, name FROM brand WHERE name > :after AND starts_with(lower(name), lower(:begins)) ORDER BY name LIMIT :limit
) b
CROSS JOIN LATERAL (
  SELECT count(*) AS products
  FROM (SELECT FROM product WHERE brand_id = b.id AND NOT shadowed LIMIT {COUNTED + 1}) found
) counted
ORDER BY b.name
""")  # noqa: S608 - built from constants

TAGS = text(f"""
SELECT g.name, least(counted.products, {COUNTED}) AS products, counted.products > {COUNTED} AS more
FROM (
  SELECT id, name FROM product_tag WHERE name > :after AND starts_with(lower(name), lower(:begins))
  ORDER BY name LIMIT :limit
) g
CROSS JOIN LATERAL (
  SELECT count(*) AS products FROM (SELECT FROM tagged_product WHERE tag_id = g.id LIMIT {COUNTED + 1}) found
) counted
ORDER BY g.name
""")  # noqa: S608 - built from constants

CATEGORIES = text(f"""
SELECT k.path, least(counted.products, {COUNTED}) AS products, counted.products > {COUNTED} AS more
FROM (
  SELECT path FROM category
  WHERE path > :after
    AND (:everything OR path = ANY(:paths) OR starts_with(path, :below) OR starts_with(path, :or_below))
  ORDER BY path LIMIT :limit
) k
CROSS JOIN LATERAL (
  SELECT count(*) AS products FROM (
    SELECT FROM category c JOIN product p ON p.category_id = c.id
    WHERE NOT p.shadowed AND (c.path = k.path OR (c.path ~>=~ (k.path || '{CATEGORY_SEPARATOR}')
                              AND c.path ~<~ (k.path || '{CATEGORY_SEPARATOR}' || chr(1114111))))
    LIMIT {COUNTED + 1}
  ) found
) counted
ORDER BY k.path
""")  # noqa: S608 - built from constants


def list_brands(*, begins: str | None, after: list[str] | None, limit: int) -> list[dict[str, Any]]:
    """Brands by name that begin with `begins`, past the name in `after`: name, products, and whether there are more."""
    return list(fetch_all(BRANDS, {"begins": begins or "", "after": after[0] if after else "", "limit": limit}))


def list_product_tags(*, begins: str | None, after: list[str] | None, limit: int) -> list[dict[str, Any]]:
    """Tags of products as `list_brands` answers brands."""
    return list(fetch_all(TAGS, {"begins": begins or "", "after": after[0] if after else "", "limit": limit}))


def list_categories(*, below: str | None, after: list[str] | None, limit: int) -> list[dict[str, Any]]:
    """Categories by path, that of `below` and those under it; each counts the products of all below it."""
    paths = category_readings(below) if below else []
    starts = [f"{path}{CATEGORY_SEPARATOR}" for path in paths] or [""]
    where = {"everything": below is None, "paths": paths, "below": starts[0], "or_below": starts[-1]}
    rows = fetch_all(CATEGORIES, {**where, "after": after[0] if after else "", "limit": limit})
    return [{**row, "name": row["path"].rpartition(CATEGORY_SEPARATOR)[2]} for row in rows]
