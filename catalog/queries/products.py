"""Products for people who look for them."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import TextClause, select, text

from catalog.queries.offers import CARD_COLUMNS, CARD_JOINS, SKU_AVAILABLE, SKU_PRICE
from catalog.rules import CATEGORY_SEPARATOR
from kit.db import db, fetch_all, fetch_one
from kit.errors import NotFound
from models import Brand, Category

# The inner select finds the page; only its rows are then priced.
PRODUCTS = f"""
SELECT {CARD_COLUMNS}
FROM (
  SELECT id, title, brand_id, category_id, shelf_status, shelf_reason FROM product
  WHERE {{conditions}} ORDER BY title, id LIMIT {{limit}}
) p {CARD_JOINS}
ORDER BY p.title, p.id
"""  # noqa: S608 - built from constants

PRODUCT = text(f"""
SELECT {CARD_COLUMNS}, s.code AS source, p.external_id, p.source_version, p.shelf_changed_at, p.updated_at
FROM product p JOIN source s ON s.id = p.source_id {CARD_JOINS}
WHERE p.id = :product_id
""")  # noqa: S608 - built from constants

PRODUCT_SKUS = text(f"""
SELECT k.code, k.barcode, k.currency, k.list_price_fen, {SKU_PRICE} AS price_fen, {SKU_AVAILABLE} AS available, a.stock
FROM sku k LEFT JOIN store_availability a ON a.sku_id = k.id AND a.store_id = :store_id
WHERE k.product_id = :product_id AND k.listed
ORDER BY k.code
""")  # noqa: S608 - built from constants

PRODUCT_IMAGES = text("SELECT storage_key FROM product_image WHERE product_id = :product_id ORDER BY position")

CUSTOM_PLAN = text("SET LOCAL plan_cache_mode = force_custom_plan")

CONDITIONS = {
    "shelf_status": "shelf_status = :shelf_status",
    "brand_ids": "brand_id = ANY(:brand_ids)",
    "category_ids": "category_id = ANY(:category_ids)",
    "pattern": "search LIKE '%' || search_text(:pattern) || '%'",
    "after_title": "(title, id) > (:after_title, CAST(:after_id AS uuid))",
}


class ProductNotFound(NotFound):
    """There is no such product."""

    code = "product_not_found"


@dataclass(frozen=True, kw_only=True)
class ProductFilter:
    """What a list of products is narrowed to; None narrows nothing."""

    shelf_status: str | None = None
    brand: str | None = None  # its whole name
    category: str | None = None  # a path, with everything below it
    q: str | None = None  # part of the title, in Chinese or English, upper or lower case


def list_products(
    wanted: ProductFilter, *, store_id: UUID | None, after: list[Any] | None, limit: int
) -> list[dict[str, Any]]:
    """Cards by title, past the (title, id) in `after`, with price (fen) and availability of the store."""
    parameters = _parameters(wanted)
    if after:
        parameters |= {"after_title": after[0], "after_id": after[1]}
    conditions = " AND ".join(CONDITIONS[name] for name in parameters if name in CONDITIONS) or "true"
    statement = _list(conditions, limit)
    if wanted.q is not None:
        # Nor does one that does not know the words know how rare they are.
        db.session.execute(CUSTOM_PLAN)
    return list(fetch_all(statement, {**parameters, "store_id": store_id}))


def get_product(product_id: UUID, *, store_id: UUID | None) -> dict[str, Any]:
    """One card with its source, `skus` and `image_keys`; raises ProductNotFound."""
    parameters = {"product_id": product_id, "store_id": store_id}
    product = fetch_one(PRODUCT, parameters)
    if product is None:
        raise ProductNotFound
    images = fetch_all(PRODUCT_IMAGES, {"product_id": product_id})
    skus = list(fetch_all(PRODUCT_SKUS, parameters))
    return {**product, "skus": skus, "image_keys": [image["storage_key"] for image in images]}


@lru_cache(maxsize=200)
def _list(conditions: str, limit: int) -> TextClause:
    # A plan that does not know the limit would sort every product there is.
    return text(PRODUCTS.format(conditions=conditions, limit=limit))


def _parameters(wanted: ProductFilter) -> dict[str, Any]:
    found: Mapping[str, Any] = {
        "shelf_status": wanted.shelf_status,
        "brand_ids": None if wanted.brand is None else _brand_ids(wanted.brand),
        "category_ids": None if wanted.category is None else _category_ids(wanted.category),
        "pattern": None if wanted.q is None else escape_like(wanted.q),
    }
    return {name: value for name, value in found.items() if value is not None}


def _brand_ids(name: str) -> list[UUID]:
    return list(db.session.scalars(select(Brand.id).where(Brand.name == name)))


def _category_ids(path: str) -> list[UUID]:
    below = Category.path.startswith(path + CATEGORY_SEPARATOR, autoescape=True)
    return list(db.session.scalars(select(Category.id).where((Category.path == path) | below)))


def escape_like(given: str) -> str:
    """`given` as a LIKE pattern that matches only itself."""
    return given.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
