"""A store's own word on what it sells."""

from datetime import datetime
from uuid import UUID

from flask import current_app
from sqlalchemy import or_, select
from sqlalchemy.dialects.postgresql import insert

from catalog.rules import is_far
from kit.db import db
from kit.errors import Conflict, Invalid
from kit.money import as_money
from kit.words import say
from models import Sku, StoreAvailability


class PriceNeedsConfirmation(Conflict):
    """The store's price is far from the brand's; nothing was changed. Sent with `confirm_price`, it counts."""

    code = "price_needs_confirmation"


def set_availability(
    *,
    store_id: UUID,
    sku_id: UUID,
    sellable: bool,
    price_fen: int | None,
    stock: int | None,
    now: datetime,
    currency: str | None = None,
    confirmed: bool = False,
) -> Sku:
    """Record what the store says of a SKU; a `price_fen` of None means the SKU's own, a `stock` of None unknown.

    The brand's shelf status is not touched, and the same again writes nothing. Raises Invalid for a `currency` that is
    not the SKU's, PriceNeedsConfirmation for a new price far from the brand's (STORE_PRICE_FACTOR) that is not
    `confirmed`. Answers the SKU.
    """
    sku = db.session.get_one(Sku, sku_id)
    if currency not in (None, sku.currency):
        problem = say("currency_differs", currency=sku.currency)
        raise Invalid(problem, errors={"price": {"currency": [problem]}})
    if price_fen is not None and not confirmed and price_fen != _price_now(store_id, sku_id):
        _refuse_far(sku, price_fen)
    said = {"sellable": sellable, "price_fen": price_fen, "stock": stock}
    row = insert(StoreAvailability).values(store_id=store_id, sku_id=sku_id, updated_at=now, **said)
    columns = StoreAvailability.__table__.columns
    changed = or_(*(columns[name].is_distinct_from(value) for name, value in said.items()))
    db.session.execute(
        row.on_conflict_do_update(
            index_elements=["store_id", "sku_id"], set_={**said, "updated_at": now}, where=changed
        )
    )
    return sku


def _price_now(store_id: UUID, sku_id: UUID) -> int | None:
    return db.session.scalar(
        select(StoreAvailability.price_fen).where(
            StoreAvailability.store_id == store_id, StoreAvailability.sku_id == sku_id
        )
    )


def _refuse_far(sku: Sku, price_fen: int) -> None:
    factor: int = current_app.config["STORE_PRICE_FACTOR"]
    if is_far(price_fen, sku.price_fen, factor=factor):
        raise PriceNeedsConfirmation(
            say("price_needs_confirmation", factor=factor),
            price=as_money(price_fen, sku.currency),
            brand_price=as_money(sku.price_fen, sku.currency),
            factor=factor,
        )
