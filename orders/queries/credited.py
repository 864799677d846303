"""What was sold: of stores, all of it; of guides, the lines that they got credit for.

Two views, and this is where both are defined. `net_sales` is paid less refunded, on the day of the sale.
`settled_sales` is what reports and pay use: a sale on its own day, a refund on its own. Both are without tax and
shipping.
"""

from collections.abc import Collection
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Uuid, any_, case, distinct, func, literal, select
from sqlalchemy.dialects.postgresql import ARRAY

from kit.db import db
from models import Attribution, Order, OrderLine

NET_SALES_FEN = func.sum(OrderLine.net_sales_fen)
SETTLED_SALES_FEN = func.sum(OrderLine.net_fen)
REFUNDED_FEN = -func.sum(case((OrderLine.net_fen < 0, OrderLine.net_fen), else_=0))
# Pieces that came back count against those sold, on their own day.
UNITS = func.sum(OrderLine.quantity)
_IS_SALE = (OrderLine.quantity > 0) | (OrderLine.net_fen > 0)
RECEIPTS = func.count(distinct(Order.id)).filter(_IS_SALE)
CUSTOMERS = func.count(distinct(Order.customer_id)).filter(_IS_SALE)
# A line that its source took back stays, as nothing.
COUNTS = (OrderLine.quantity != 0) | (OrderLine.net_fen != 0) | (OrderLine.net_sales_fen != 0)
SUMS = (NET_SALES_FEN, SETTLED_SALES_FEN, RECEIPTS, UNITS)


class Sold(NamedTuple):
    """Sums of a period; receipts with at least one line sold."""

    net_sales_fen: int = 0
    settled_sales_fen: int = 0
    orders: int = 0
    units: int = 0


def sold_by_stores(store_ids: Collection[UUID], *, first: date, last: date) -> dict[tuple[UUID, str], Sold]:
    """What these stores sold from the first to the last business day, by store and currency."""
    keys = (Order.store_id, Order.currency)
    wanted = (
        select(*keys, *SUMS)
        .join(OrderLine, OrderLine.order_id == Order.id)
        .where(Order.business_day.between(first, last), Order.store_id == _any(store_ids), COUNTS)
        .group_by(*keys)
    )
    return {(store_id, currency): Sold(*map(int, sums)) for store_id, currency, *sums in db.session.execute(wanted)}


def sold_by_guides(store_ids: Collection[UUID], *, first: date, last: date) -> dict[tuple[UUID, UUID, str], Sold]:
    """What guides got credit for in these stores, by store, guide and currency."""
    keys = (Order.store_id, Attribution.guide_id, Order.currency)
    wanted = (
        select(*keys, *SUMS)
        .join(OrderLine, OrderLine.order_id == Order.id)
        .join(Attribution, Attribution.line_id == OrderLine.id)
        .where(Order.business_day.between(first, last), Order.store_id == _any(store_ids), COUNTS)
        .where(Attribution.guide_id.is_not(None))
        .group_by(*keys)
    )
    rows = db.session.execute(wanted)
    return {(row[0], row[1], row[2]): Sold(*map(int, row[3:])) for row in rows if row[1]}


def _any(ids: Collection[UUID]) -> ColumnElement[Any]:
    return any_(literal(list(ids), ARRAY(Uuid)))
