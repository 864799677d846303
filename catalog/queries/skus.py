"""SKUs by the codes that tills send."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from sqlalchemy import select, text

from kit.db import db, fetch_all
from kit.errors import NotFound
from kit.words import say
from models import Sku

SKUS = text("""
SELECT k.code, k.id, k.product_id, p.title, p.brand_id, p.category_id
FROM sku k JOIN product p ON p.id = k.product_id
WHERE k.code = ANY(:codes)
""")


class SkuNotFound(NotFound):
    """There is no such SKU."""

    code = "sku_not_found"


def find_skus(codes: Iterable[str]) -> dict[str, dict[str, Any]]:
    """By code, for the codes that are known: id, product_id, title, brand_id, category_id; dropped SKUs included."""
    rows = fetch_all(SKUS, {"codes": sorted(set(codes))})
    return {row.pop("code"): row for row in rows}


def get_sku_id(code: str) -> UUID:
    """The SKU with this code; raises SkuNotFound."""
    sku_id = db.session.scalar(select(Sku.id).where(Sku.code == code))
    if sku_id is None:
        raise SkuNotFound(say("sku_not_found", code=code))
    return sku_id
