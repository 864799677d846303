"""What was sold: of stores, all of it; of guides, the lines that they got credit for.

Two views, and this is where both are defined. `net_sales` is paid less refunded, on the day of the sale.
`settled_sales` is what reports and pay use: a sale on its own day, a refund on its own. Both are without tax, and count
goods and services only: freight is passed on, and stored value, gift cards and deposits are paid in advance for what is
counted when it is sold. Lines of other kinds are no pieces either, and make no receipt. Where several guides sold a
line, their parts add up to it exactly.
"""

from collections.abc import Collection
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import BigInteger, ColumnElement, Subquery, Uuid, any_, case, cast, distinct, func, literal, select
from sqlalchemy.dialects.postgresql import ARRAY

from kit.db import db
from kit.money import WHOLE_BP, share_fen
from models import Attribution, Credit, Order, OrderLine
from models.orders import SALES_KINDS
from orders.queries.served import IS_SELLER, part_of, share_bp

NET_SALES_FEN = func.sum(OrderLine.net_sales_fen)
SETTLED_SALES_FEN = func.sum(OrderLine.net_fen)
# Pieces that came back count against those sold, on their own day.
UNITS = func.sum(OrderLine.quantity)
_IS_MERCHANDISE = OrderLine.kind.in_(SALES_KINDS)
IS_SALE = _IS_MERCHANDISE & ((OrderLine.quantity > 0) | (OrderLine.net_fen > 0))
RECEIPTS = func.count(distinct(Order.id)).filter(IS_SALE)
CUSTOMERS = func.count(distinct(Order.customer_id)).filter(IS_SALE)
# A line that its source took back stays, as nothing.
COUNTS = _IS_MERCHANDISE & ((OrderLine.quantity != 0) | (OrderLine.net_fen != 0) | (OrderLine.net_sales_fen != 0))
# Of a guide, who may share lines with others.
UNITS_BP = func.sum(OrderLine.quantity * share_bp())
NET_SALES_PART_FEN = func.sum(part_of(OrderLine.net_sales_fen))
SETTLED_SALES_PART_FEN = func.sum(part_of(OrderLine.net_fen))
REFUNDED_PART_FEN = -func.sum(case((OrderLine.net_fen < 0, part_of(OrderLine.net_fen)), else_=0))
CREDITED_SUMS = (NET_SALES_PART_FEN, SETTLED_SALES_PART_FEN, UNITS_BP)
SUMS = (NET_SALES_FEN, SETTLED_SALES_FEN, RECEIPTS, UNITS)


class Sold(NamedTuple):
    """Sums of a period; receipts with at least one line sold."""

    net_sales_fen: int = 0
    settled_sales_fen: int = 0
    orders: int = 0
    units: int = 0


class Credited(NamedTuple):
    """Sums of a period of what a guide is credited with; a receipt or a piece is 10,000, divided among who sold it."""

    net_sales_fen: int = 0
    settled_sales_fen: int = 0
    orders_bp: int = 0
    units_bp: int = 0

    @property
    def orders(self) -> int:
        """In whole receipts, rounded."""
        return share_fen(self.orders_bp, 1)

    @property
    def units(self) -> int:
        """In whole pieces, rounded."""
        return share_fen(self.units_bp, 1)


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


def sold_by_guides(store_ids: Collection[UUID], *, first: date, last: date) -> dict[tuple[UUID, UUID, str], Credited]:
    """What guides got credit for in these stores, by store, guide and currency; it adds up to what was sold."""
    asked = (Order.business_day.between(first, last), Order.store_id == _any(store_ids))
    receipts = receipts_divided(*asked)
    by_guide = (receipts.c.store_id, receipts.c.guide_id, receipts.c.currency)
    counted = select(*by_guide, func.sum(receipts.c.orders_bp)).where(receipts.c.guide_id.is_not(None))
    orders = {tuple(key): int(bp) for *key, bp in db.session.execute(counted.group_by(*by_guide))}
    keys = (Order.store_id, Credit.beneficiary_id, Order.currency)
    wanted = (
        select(*keys, *CREDITED_SUMS)
        .join(OrderLine, OrderLine.order_id == Order.id)
        .join(Attribution, Attribution.line_id == OrderLine.id)
        .join(Credit, IS_SELLER)
        .where(*asked, COUNTS)
        .group_by(*keys)
    )
    rows = db.session.execute(wanted)
    return {
        (row[0], row[1], row[2]): Credited(int(row[3]), int(row[4]), orders.get(tuple(row[:3]), 0), int(row[5]))
        for row in rows
    }


def receipts_divided(*where: ColumnElement[bool]) -> Subquery:
    """Each receipt's 10,000 divided among those to whom its lines are credited, a null guide among them.

    Every line sold weighs the same. The parts of a receipt sum to 10,000: each is what is left after those of the
    guides before it.
    """
    keys = (Order.id, Order.business_day, Order.store_id, Order.currency)
    weights = (
        select(*keys, Credit.beneficiary_id.label("guide_id"), func.sum(share_bp()).label("weight"))
        .join(OrderLine, OrderLine.order_id == Order.id)
        .outerjoin(Attribution, Attribution.line_id == OrderLine.id)
        .outerjoin(Credit, IS_SELLER)
        .where(*where, IS_SALE)
        .group_by(*keys, Credit.beneficiary_id)
        .subquery("weights")
    )
    weight, of_receipt = weights.c.weight, weights.c.id
    up_to = cast(func.sum(weight).over(partition_by=of_receipt, order_by=weights.c.guide_id), BigInteger)
    whole = cast(func.sum(weight).over(partition_by=of_receipt), BigInteger)
    part = WHOLE_BP * up_to // whole - WHOLE_BP * (up_to - weight) // whole
    named = (of_receipt.label("order_id"), weights.c.business_day, weights.c.store_id, weights.c.currency)
    return select(*named, weights.c.guide_id, part.label("orders_bp")).subquery("receipts")


def _any(ids: Collection[UUID]) -> ColumnElement[Any]:
    return any_(literal(list(ids), ARRAY(Uuid)))
