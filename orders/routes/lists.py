"""Lists of orders and refunds, also as files."""

from datetime import date
from decimal import Decimal
from typing import Any

from babel.numbers import get_currency_precision
from flask import Response

from kit.money import as_money
from kit.web.auth import auth, principal
from kit.web.exports import as_file
from kit.web.io import query, reply
from kit.web.paging import page
from orders.queries.lists import OrderFilter, list_orders
from orders.routes.blueprint import bp
from orders.schemas import OrderListIn, OrderPageOut
from staff.rules import ANY_STAFF

MAX_FILE_ROWS = 10_000
COLUMNS = (
    *("ordered_at", "business_day", "source", "external_id", "store_code", "store_name", "channel", "state"),
    *("staff_purchase", "currency"),
)
AMOUNTS = ("net_fen", "net_sales_fen")


@bp.get("/orders")
@auth(roles=ANY_STAFF)
@query(OrderListIn)
@reply(OrderPageOut)
def list_all_orders(
    format: str, limit: int, cursor: str | None, from_day: date | None, to_day: date | None, **wanted: Any
) -> dict[str, Any] | Response:
    """Orders of the stores I see, or their refunds, the newest first; as CSV or XLSX, up to 10,000 of them."""
    asked = OrderFilter(first=from_day, last=to_day, **wanted)
    if format != "json":
        rows = list_orders(asked, principal=principal(), after=None, limit=MAX_FILE_ROWS)
        names = (*COLUMNS, *(name.removesuffix("_fen") for name in AMOUNTS))
        return as_file(format, name="orders", columns=names, rows=[_cells(row) for row in rows])

    def fetch(after: list[Any] | None, count: int) -> list[dict[str, Any]]:
        return list_orders(asked, principal=principal(), after=after, limit=count)

    found = page(fetch, name=f"orders {asked}", cursor=cursor, limit=limit, key=_key)
    return {**found, "items": [_shown(row) for row in found["items"]]}


def _key(row: dict[str, Any]) -> list[str]:
    return [row["ordered_at"].isoformat(), str(row["id"])]


def _shown(row: dict[str, Any]) -> dict[str, Any]:
    currency = row.pop("currency")
    money = {name.removesuffix("_fen"): as_money(row.pop(name), currency) for name in AMOUNTS}
    return {**row, **money}


def _cells(row: dict[str, Any]) -> list[object]:
    digits = get_currency_precision(row["currency"])
    return [*(row[name] for name in COLUMNS), *(Decimal(row[name]).scaleb(-digits) for name in AMOUNTS)]
