"""What stores say of their own: switched off, repriced, counted."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, not_, or_, select, tuple_

from kit.db import db, fetch_all
from kit.principal import Principal
from models import Brand, Product, Sku, Store, StoreAvailability
from staff.scope import sees_store

SAID = StoreAvailability
Rows = Select[*tuple[Any, ...]]
# What the partial indexes hold; stores that only count their stock are not in them.
DEVIATES = or_(not_(SAID.sellable), SAID.price_fen.is_not(None))


@dataclass(frozen=True, kw_only=True)
class AvailabilityFilter:
    """What stores' words are narrowed to; None narrows nothing."""

    store_id: UUID | None = None
    sku: str | None = None
    brand: str | None = None
    switched_off: bool | None = None
    repriced: bool | None = None


def list_availability(
    wanted: AvailabilityFilter, *, principal: Principal, after: list[str] | None, limit: int
) -> list[dict[str, Any]]:
    """Words of the stores within the principal's scope, by SKU and store, past the (sku_id, store_id) in `after`.

    Without a store, only those that switch a SKU off or reprice it. Each with the price of the store and the brand.
    """
    statement = (
        _narrowed(
            select(
                *(SAID.store_id, SAID.sku_id, Store.code.label("store_code"), Store.name.label("store_name")),
                *(Sku.code.label("sku"), Product.id.label("product_id"), Product.title, Brand.name.label("brand")),
                *(SAID.sellable, SAID.price_fen, Sku.price_fen.label("brand_price_fen"), Sku.currency),
                *(SAID.stock, SAID.updated_at),
            ),
            wanted,
            principal,
        )
        .order_by(SAID.sku_id, SAID.store_id)
        .limit(limit)
    )
    if after:
        statement = statement.where(tuple_(SAID.sku_id, SAID.store_id) > tuple_(UUID(after[0]), UUID(after[1])))
    return list(fetch_all(statement))


def count_availability(wanted: AvailabilityFilter, *, principal: Principal) -> int:
    """How many the whole list has."""
    return db.session.scalar(_narrowed(select(func.count()), wanted, principal)) or 0


def _narrowed(
    statement: Select[*tuple[Any, ...]], wanted: AvailabilityFilter, principal: Principal
) -> Select[*tuple[Any, ...]]:
    return (
        statement.select_from(SAID)
        .join(Store, Store.id == SAID.store_id)
        .join(Sku, Sku.id == SAID.sku_id)
        .join(Product, Product.id == Sku.product_id)
        .join(Brand, Brand.id == Product.brand_id)
        .where(sees_store(SAID.store_id, principal), *_conditions(wanted))
    )


def _conditions(wanted: AvailabilityFilter) -> list[ColumnElement[bool]]:
    conditions: list[tuple[bool, ColumnElement[bool]]] = [
        (wanted.store_id is None or bool(wanted.switched_off) or bool(wanted.repriced), DEVIATES),
        (wanted.store_id is not None, SAID.store_id == wanted.store_id),
        (wanted.sku is not None, Sku.code == wanted.sku),
        (wanted.brand is not None, Brand.name == wanted.brand),
        (wanted.switched_off is not None, SAID.sellable.is_(not wanted.switched_off)),
        (wanted.repriced is not None, SAID.price_fen.is_not(None) == bool(wanted.repriced)),
    ]
    return [condition for counts, condition in conditions if counts]
