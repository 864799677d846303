"""Products as other rooms show them."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import text

from catalog.queries.offers import CARD_COLUMNS, CARD_JOINS, SELLABLE
from kit.db import db, fetch_all

LOCK = text("SELECT id FROM product WHERE id = ANY(:ids) ORDER BY id FOR SHARE")

CARDS = text(f"""
SELECT {CARD_COLUMNS}
FROM unnest(CAST(:ids AS uuid[])) WITH ORDINALITY AS asked (id, position)
JOIN product p ON p.id = asked.id {CARD_JOINS}
ORDER BY asked.position
""")  # noqa: S608 - built from constants

SUBSTITUTES = text(f"""
SELECT {CARD_COLUMNS}
FROM (SELECT id, brand_id, category_id FROM product WHERE id = :product_id) origin
LEFT JOIN LATERAL (SELECT min(price_fen) AS price_fen FROM sku WHERE product_id = origin.id AND listed) own ON true
JOIN product p ON p.category_id = origin.category_id AND p.shelf_status = 'on_shelf' AND p.id <> origin.id
{CARD_JOINS}
WHERE {SELLABLE}
ORDER BY p.brand_id <> origin.brand_id, abs(offer.price_fen - coalesce(own.price_fen, offer.price_fen)), p.id
LIMIT :limit
""")  # noqa: S608 - built from constants


def list_cards(product_ids: Sequence[UUID], *, store_id: UUID | None, lock: bool = False) -> list[dict[str, Any]]:
    """A card per known product, in the order asked, with price (fen) and availability of the store.

    `sellable` = on the shelf and available here; else `blocked_by` says whose word it is (`rules.BLOCKERS`). With
    `lock`, a change of shelf status waits for the caller's transaction, and one under way is waited for.
    """
    ids = list(product_ids)
    if not ids:
        return []
    if lock:
        # A statement of its own: what it waited for is then visible to the next one.
        db.session.execute(LOCK, {"ids": ids})
    return list(fetch_all(CARDS, {"ids": ids, "store_id": store_id}))


def list_substitutes(product_id: UUID, *, store_id: UUID | None, limit: int) -> list[dict[str, Any]]:
    """Up to `limit` cards of sellable products of the same category: same brand first, then nearest in price."""
    return list(fetch_all(SUBSTITUTES, {"product_id": product_id, "store_id": store_id, "limit": limit}))
