"""One product for people who look at it."""

from typing import Any
from uuid import UUID

from sqlalchemy import text

from catalog.queries.offers import CARD_COLUMNS, CARD_JOINS, SKU_AVAILABLE, SKU_PRICE
from kit.db import fetch_all, fetch_one
from kit.errors import NotFound

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


class ProductNotFound(NotFound):
    """There is no such product."""

    code = "product_not_found"


def get_product(product_id: UUID, *, store_id: UUID | None) -> dict[str, Any]:
    """One card with its source, `skus` and `image_keys`; raises ProductNotFound."""
    parameters = {"product_id": product_id, "store_id": store_id}
    product = fetch_one(PRODUCT, parameters)
    if product is None:
        raise ProductNotFound
    images = fetch_all(PRODUCT_IMAGES, {"product_id": product_id})
    skus = list(fetch_all(PRODUCT_SKUS, parameters))
    return {**product, "skus": skus, "image_keys": [image["storage_key"] for image in images]}
