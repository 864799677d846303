"""One product for people who look at it."""

from typing import Any
from uuid import UUID

from sqlalchemy import text

from catalog.queries.offers import CARD_COLUMNS, CARD_JOINS, SKU_AVAILABLE, SKU_PRICE, standing
from kit.db import fetch_all, fetch_one
from kit.errors import NotFound

PRODUCT = text(f"""
SELECT {CARD_COLUMNS}, s.code AS source, p.external_id, p.source_version, p.tags, p.shelf_changed_at, p.updated_at
FROM product p JOIN source s ON s.id = p.source_id {CARD_JOINS}
WHERE p.id = :product_id
""")  # noqa: S608 - built from constants

PRODUCT_SKUS = text(f"""
SELECT k.code, k.barcode, k.variant_id, k.currency, k.list_price_fen, {SKU_PRICE} AS price_fen,
       {SKU_AVAILABLE} AS available, a.stock
FROM sku k LEFT JOIN store_availability a ON a.sku_id = k.id AND a.store_id = :store_id
WHERE k.product_id = :product_id AND k.listed
ORDER BY k.code
""")  # noqa: S608 - built from constants

PRODUCT_IMAGES = text("SELECT storage_key FROM product_image WHERE product_id = :product_id ORDER BY position")


# Every source's listing of the product's SKUs, the deciding one first; of a shadowed product, those of the same SKUs.
LISTINGS = text(f"""
SELECT s.code AS source, s.rank, s.retired_at IS NOT NULL AS retired, q.id AS product_id, q.external_id, q.title,
       q.source_version, q.shelf_status, q.shelf_reason, q.unlinked_at IS NOT NULL AS unlinked,
       bool_or(said.decides) AS decides, array_agg(k.code ORDER BY k.code COLLATE "C") AS skus,
       bool_or(said.listed) AS listed
FROM (
  SELECT id FROM sku WHERE product_id = :product_id UNION SELECT sku_id FROM sku_listing WHERE product_id = :product_id
) mine
JOIN sku k ON k.id = mine.id
CROSS JOIN LATERAL (
  SELECT k.product_id, true AS decides, k.listed
  UNION ALL SELECT l.product_id, false, l.listed FROM sku_listing l WHERE l.sku_id = k.id
) said
JOIN product q ON q.id = said.product_id JOIN source s ON s.id = q.source_id
GROUP BY s.id, q.id
ORDER BY bool_or(said.decides) DESC, {standing("s", "q")}, q.external_id COLLATE "C"
""")  # noqa: S608 - built from constants


class ProductNotFound(NotFound):
    """There is no such product."""

    code = "product_not_found"


def get_product(product_id: UUID, *, store_id: UUID | None) -> dict[str, Any]:
    """One card with its source, `skus`, `image_keys`, and what other sources say beside it; raises ProductNotFound."""
    parameters = {"product_id": product_id, "store_id": store_id}
    product = fetch_one(PRODUCT, parameters)
    if product is None:
        raise ProductNotFound
    images = fetch_all(PRODUCT_IMAGES, {"product_id": product_id})
    skus = list(fetch_all(PRODUCT_SKUS, parameters))
    return {
        **product,
        "skus": skus,
        **_beside(product_id),
        "image_keys": [image["storage_key"] for image in images],
    }


def list_listings(product_id: UUID) -> list[dict[str, Any]]:
    """What each source says of the product's SKUs, the one that decides first; raises ProductNotFound."""
    found = list(fetch_all(LISTINGS, {"product_id": product_id}))
    if not found:
        raise ProductNotFound
    return found


def _beside(product_id: UUID) -> dict[str, list[dict[str, Any]]]:
    """`decided_by`: listings that say what SKUs of it are instead; `warnings`: lower ones that took it down."""
    others = [row for row in fetch_all(LISTINGS, {"product_id": product_id}) if row["product_id"] != product_id]
    lower = [row for row in others if not (row["decides"] or row["retired"] or row["unlinked"])]
    down = [row for row in lower if row["shelf_status"] in ("off_shelf", "discontinued") or not row["listed"]]
    return {
        "decided_by": [_named(row, "product_id") for row in others if row["decides"]],
        "warnings": [_named(row) for row in down],
    }


def _named(listing: dict[str, Any], *more: str) -> dict[str, Any]:
    return {name: listing[name] for name in ("source", "external_id", "shelf_status", *more)}
