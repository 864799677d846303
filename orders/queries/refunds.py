"""Refunds as people see them."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import aliased

from kit.db import db
from kit.errors import NotFound
from kit.principal import Principal
from models import Attribution, AttributionDecision, Order, OrderLine, Refund, RefundLine, Source, Store
from orders.queries.reading import visible
from orders.queries.served import sellers_as_json


class RefundNotFound(NotFound):
    """There is no such refund within what the principal may see."""

    code = "refund_not_found"


class RefundLineRow(NamedTuple):
    """A line of a refund; amounts are minor units, negative as they are booked: of goods and of all else."""

    id: UUID
    line_no: int
    original_line_id: UUID | None
    kind: str
    sku_code: str
    product_title: str
    quantity: int
    given_back_fen: int
    tax_fen: int
    doubt: str | None
    sellers: list[dict[str, Any]]
    attribution: str


class RefundRow(NamedTuple):
    """A refund with the order that it takes back, and the one that was given in exchange, as far as they arrived."""

    id: UUID
    source: str
    external_id: str
    version: int
    revision: int
    store_id: UUID
    store_code: str
    store_name: str
    order_id: UUID | None
    order_currency: str | None
    order_external_id: str | None
    exchange_order_id: UUID | None
    refunded_at: datetime
    business_day: date
    changed_at: datetime
    reason: str | None
    currency: str
    fee_fen: int
    cancelled: bool


def get_refund(refund_id: UUID, *, principal: Principal) -> tuple[RefundRow, Sequence[RefundLineRow]]:
    """A refund with its lines; raises RefundNotFound."""
    sale, exchanged = aliased(Order), aliased(Order)
    of_sale = and_(
        sale.source_id == Order.source_id, sale.receipt_kind == "sale", sale.external_id == Refund.original_external_id
    )
    named = exchanged.external_id == Order.exchange_external_id
    names = or_(named, exchanged.exchange_external_id == Order.external_id)
    statement = (
        select(
            Order.id, Source.code, Order.external_id, Order.source_version, Order.revision, Order.store_id, Store.code,
            Store.name, sale.id, sale.currency, Refund.original_external_id, exchanged.id, Order.ordered_at,
            Order.business_day, Order.changed_at, Refund.reason, Order.currency, Refund.fee_fen,
            Refund.cancelled,
        )
        .join(Refund, Refund.order_id == Order.id)
        .join(Source, Source.id == Order.source_id)
        .join(Store, Store.id == Order.store_id)
        .outerjoin(sale, of_sale)
        .outerjoin(exchanged, and_(exchanged.source_id == Order.source_id, exchanged.receipt_kind == "sale", names))
        .where(Order.id == refund_id, visible(principal))
        .order_by(exchanged.external_id)
        .limit(1)
    )  # fmt: skip
    row: Any = db.session.execute(statement).one_or_none()
    if row is None:
        raise RefundNotFound
    return RefundRow(*row), _lines(refund_id)


def _lines(refund_id: UUID) -> list[RefundLineRow]:
    statement = (
        select(
            OrderLine.id, OrderLine.line_no, OrderLine.original_line_id, OrderLine.kind, OrderLine.sku_code,
            OrderLine.product_title, OrderLine.quantity, OrderLine.paid_fen - OrderLine.tax_fen, OrderLine.tax_fen,
            RefundLine.doubt, sellers_as_json(Attribution.decision_id), AttributionDecision.reason,
        )
        .join(Attribution, Attribution.line_id == OrderLine.id)
        .join(AttributionDecision, AttributionDecision.id == Attribution.decision_id)
        .outerjoin(RefundLine, RefundLine.line_id == OrderLine.id)
        .where(OrderLine.order_id == refund_id)
        .order_by(OrderLine.line_no)
    )  # fmt: skip
    rows: Any = db.session.execute(statement)
    return [RefundLineRow(*row) for row in rows]
