"""Stores' own words on what they sell: set by one, seen by it and across stores."""

from typing import Any
from uuid import UUID

from catalog import queries, service
from catalog.queries.skus import SkuNotFound
from catalog.routes.blueprint import bp
from catalog.schemas.products import (
    AllStoresWordsIn,
    AvailabilityIn,
    AvailabilityOut,
    StoreWordPageOut,
    StoreWordsIn,
)
from catalog.service.stores import PriceNeedsConfirmation
from kit import clock
from kit.money import as_money, money_or_none
from kit.web.auth import auth, principal
from kit.web.io import body, query, reply
from kit.web.paging import page
from kit.web.refusals import refuses
from staff.queries import get_store
from staff.queries.stores import StoreNotFound
from staff.rules import ANY_STAFF

STORE_KEEPERS = frozenset({"store_manager", "hq_catalog"})
OVERSEERS = frozenset({"store_manager", "regional_manager", "hq_catalog", "hq_admin", "auditor"})


@bp.put("/stores/<store_code>/availability/<sku>")
@auth(roles=STORE_KEEPERS)
@refuses(PriceNeedsConfirmation, SkuNotFound, StoreNotFound)
@body(AvailabilityIn)
@reply(AvailabilityOut)
def put_availability(
    store_code: str, sku: str, sellable: bool, price: dict[str, Any] | None, confirm_price: bool, stock: int | None
) -> dict[str, Any]:
    """A store's own word on a SKU; the brand's shelf status stays as it is."""
    known = service.set_availability(
        store_id=queries.get_store_id(store_code, principal=principal()),
        sku_id=queries.get_sku_id(sku),
        sellable=sellable,
        price_fen=price["amount"] if price else None,
        currency=price["currency"] if price else None,
        confirmed=confirm_price,
        stock=stock,
        now=clock.now(),
    )
    brand_price = as_money(known.price_fen, known.currency)
    return {
        "store_code": store_code,
        "sku": sku,
        "sellable": sellable,
        "stock": stock,
        "price": price,
        "brand_price": brand_price,
    }


@bp.get("/stores/<store_code>/availability")
@auth(roles=ANY_STAFF)
@refuses(StoreNotFound)
@query(StoreWordsIn)
@reply(StoreWordPageOut)
def list_store_availability(store_code: str, **asked: Any) -> dict[str, Any]:
    """What a store says of SKUs: switched off, repriced, or only its stock."""
    return _page(queries.get_store_id(store_code, principal=principal()), **asked)


@bp.get("/availability")
@auth(roles=OVERSEERS)
@refuses(StoreNotFound)
@query(AllStoresWordsIn)
@reply(StoreWordPageOut)
def list_availability(store_id: UUID | None, **asked: Any) -> dict[str, Any]:
    """What the stores within one's scope have switched off or repriced."""
    return _page(store_id and get_store(store_id, principal=principal()).id, **asked)


def _page(store_id: UUID | None, *, limit: int, cursor: str | None, **filters: Any) -> dict[str, Any]:
    caller = principal()
    wanted = queries.AvailabilityFilter(store_id=store_id, **filters)
    found = page(
        lambda after, n: queries.list_availability(wanted, principal=caller, after=after, limit=n),
        name="availability",
        cursor=cursor,
        limit=limit,
        key=lambda row: [str(row["sku_id"]), str(row["store_id"])],
        count=lambda: queries.count_availability(wanted, principal=caller),
    )
    return {**found, "items": [_shown(row) for row in found["items"]]}


def _shown(row: dict[str, Any]) -> dict[str, Any]:
    currency = row["currency"]
    price_fen, brand_price_fen = row["price_fen"], row["brand_price_fen"]
    hidden = ("store_id", "sku_id", "currency", "price_fen", "brand_price_fen")
    return {
        **{name: value for name, value in row.items() if name not in hidden},
        "price": money_or_none(price_fen, currency),
        "brand_price": as_money(brand_price_fen, currency),
    }
