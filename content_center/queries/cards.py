"""Product cards as the content center shows them: the catalog's own word, with addresses and amounts for clients."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from catalog import queries as catalog
from kit.links import file_url, thumbnail_url
from kit.money import as_money

Card = dict[str, Any]


def cards_by_id(product_ids: Sequence[UUID], *, store_id: UUID | None) -> dict[UUID, Card]:
    """Cards with live shelf status at a store, by product id."""
    return {row["id"]: _card(row) for row in catalog.list_cards(product_ids, store_id=store_id)}


def _card(row: Card) -> Card:
    return {
        "id": row["id"],
        "title": row["title"],
        "brand": row["brand"],
        "category": row["category"],
        "shelf_status": row["shelf_status"],
        "shelf_reason": row["shelf_reason"],
        "sellable": row["sellable"],
        "blocked_by": row["blocked_by"],
        "price": money_or_none(row["price_fen"], row["currency"]),
        "list_price": money_or_none(row["list_price_fen"], row["currency"]),
        "image_url": file_url(row["image_key"]),
        "thumbnail_url": thumbnail_url(row["image_key"]),
    }


def money_or_none(amount_fen: int | None, currency: str | None) -> dict[str, int | str] | None:
    """The API's shape of an amount (minor units), or None where the product has no price."""
    return None if amount_fen is None or currency is None else as_money(amount_fen, currency)
