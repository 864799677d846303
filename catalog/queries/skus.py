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
# By what else tills may call a SKU: its code written in another way, its barcode, also as a source of a lower rank has
# it. Of several, one that is listed, then by code.
ALSO_CALLED = """
    SELECT k.id FROM (
      SELECT id, 1 AS way FROM sku WHERE code_key(code) = code_key({told})
      UNION ALL
      SELECT id, 2 FROM sku WHERE barcode IS NOT NULL AND barcode_key(barcode) = barcode_key({told})
      UNION ALL
      SELECT sku_id, 3 FROM sku_listing WHERE barcode IS NOT NULL AND barcode_key(barcode) = barcode_key({told})
    ) found JOIN sku k USING (id)
    WHERE barcode_key({told}) <> '' ORDER BY found.way, NOT k.listed, k.code LIMIT 1
"""
CALLED = text(f"""
SELECT told.code AS told, k.code, k.id, p.title, p.brand_id, p.category_id
FROM unnest(CAST(:codes AS text[])) AS told (code)
CROSS JOIN LATERAL ({ALSO_CALLED.format(told="told.code")}) found
JOIN sku k ON k.id = found.id JOIN product p ON p.id = k.product_id
""")  # noqa: S608 - built from constants


class SkuNotFound(NotFound):
    """There is no such SKU."""

    code = "sku_not_found"


def find_skus(codes: Iterable[str]) -> dict[str, dict[str, Any]]:
    """By code, for the codes that are known: id, product_id, title, brand_id, category_id; dropped SKUs included."""
    rows = fetch_all(SKUS, {"codes": sorted(set(codes))})
    return {row.pop("code"): row for row in rows}


def find_called(codes: Iterable[str]) -> dict[str, dict[str, Any]]:
    """SKUs that have none of these as their code, but are called so: by barcode, say; code, id, title and the like."""
    rows = fetch_all(CALLED, {"codes": sorted(set(codes))})
    return {row.pop("told"): row for row in rows}


def get_sku_id(code: str) -> UUID:
    """The SKU with this code; raises SkuNotFound."""
    sku_id = db.session.scalar(select(Sku.id).where(Sku.code == code))
    if sku_id is None:
        raise SkuNotFound(say("sku_not_found", code=code))
    return sku_id
