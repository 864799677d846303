"""Product cards as the content center shows them: the catalog's own word."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from catalog import queries as catalog
from catalog.present import product_card

Card = dict[str, Any]

CARD = ("id", "title", "brand", "category", "shelf_status", "shelf_reason", "sellable", "blocked_by")


def cards_by_id(product_ids: Sequence[UUID], *, store_id: UUID | None) -> dict[UUID, Card]:
    """Cards with live shelf status at a store, by product id."""
    return {row["id"]: product_card(row, *CARD) for row in catalog.list_cards(product_ids, store_id=store_id)}
