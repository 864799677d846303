"""Orders as people see them."""

from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Uuid, cast, distinct, func, select
from sqlalchemy.dialects.postgresql import ARRAY, array
from sqlalchemy.orm import aliased

from kit.db import fetch_all, fetch_one
from kit.errors import NotFound
from kit.money import as_money, money_or_none
from kit.principal import Principal
from models import Attribution, AttributionDecision, Credit, Order, OrderLine, RefundLine, Source, Store
from orders.queries.served import IS_SELLER, sellers_as_json
from staff.scope import sees_guide, sees_store

AMOUNTS = ("paid", "net", "net_sales", "discount", "tax")
# Who is told what goods cost.
FINANCE = frozenset({"hq_finance", "auditor"})


class OrderNotFound(NotFound):
    """There is no such order within what the principal may see."""

    code = "order_not_found"


def get_order(order_id: UUID, *, principal: Principal) -> dict[str, Any]:
    """An order with its lines; raises OrderNotFound."""
    columns = (
        Order.id, Source.code.label("source"), Order.external_id, Order.source_version.label("version"),
        Order.revision, Order.store_id, Store.code.label("store_code"), Store.name.label("store_name"),
        Order.customer_id, Order.channel, Order.ordered_at, Order.business_day, Order.currency, Order.net_fen,
        Order.net_sales_fen, Order.changed_at, Order.staff_purchase, Order.tenders, Order.coupons,
        Order.foreign_currency, Order.rate_given, Order.rate_worth, _refund_ids().label("refund_ids"),
        _exchanged_for().label("exchange_refund_id"),
    )  # fmt: skip
    statement = (
        select(*columns)
        .join(Source, Source.id == Order.source_id)
        .join(Store, Store.id == Order.store_id)
        .where(Order.id == order_id, Order.receipt_kind == "sale", visible(principal))
    )
    order = fetch_one(statement)
    if order is None:
        raise OrderNotFound
    currency, foreign = order.pop("currency"), order.pop("foreign_currency")
    for name in ("net", "net_sales"):
        order[name] = as_money(order.pop(f"{name}_fen"), currency)
    rate = {"currency": foreign, "given": order.pop("rate_given"), "worth": order.pop("rate_worth")}
    order["rate"] = rate if foreign else None
    order["tenders"] = _with_money(order["tenders"], foreign or currency)
    order["coupons"] = _with_money(order["coupons"], foreign or currency)
    order["lines"] = _lines(order_id, currency, foreign or currency, with_cost=principal.has_any(FINANCE))
    order["paid"] = as_money(sum(line["paid"]["amount"] for line in order["lines"]), currency)
    return order


def _with_money(told: list[dict[str, Any]] | None, currency: str) -> list[dict[str, Any]]:
    """Tenders or coupons with their amounts as money."""
    return [{**one, "amount": as_money(one["amount"], currency)} for one in told or ()]


def _refund_ids() -> ColumnElement[Any]:
    """The refunds and receipts that take something back of the order."""
    sold, returned = aliased(OrderLine), aliased(OrderLine)
    found = select(func.array_agg(distinct(returned.order_id))).join(sold, sold.id == returned.original_line_id)
    named = found.where(sold.order_id == Order.id).correlate(Order).scalar_subquery()
    return func.coalesce(named, cast(array([], type_=Uuid), ARRAY(Uuid)))


def _exchanged_for() -> ColumnElement[Any]:
    """The refund that the order names, or that names the order."""
    refund = aliased(Order)
    names = (refund.external_id == Order.exchange_external_id) | (refund.exchange_external_id == Order.external_id)
    found = select(refund.id).where(refund.source_id == Order.source_id, refund.receipt_kind == "refund", names)
    return found.order_by(refund.external_id).limit(1).correlate(Order).scalar_subquery()


def visible(principal: Principal) -> ColumnElement[bool]:
    """Orders of the stores one sees, and wherever one's own guides got credit."""
    credited = (
        select(OrderLine.order_id)
        .join(Attribution, Attribution.line_id == OrderLine.id)
        .join(Credit, IS_SELLER)
        .where(OrderLine.order_id == Order.id, sees_guide(Credit.beneficiary_id, Order.store_id, principal))
        .correlate(Order)
    )
    return sees_store(Order.store_id, principal) | credited.exists()


def _lines(order_id: UUID, currency: str, told_in: str, *, with_cost: bool) -> list[dict[str, Any]]:
    columns = (
        OrderLine.id, OrderLine.line_no, OrderLine.external_line_id, OrderLine.kind, OrderLine.sku_code,
        OrderLine.product_title, OrderLine.quantity, OrderLine.weight_milli, OrderLine.tag_fen, OrderLine.cost_fen,
        OrderLine.coupons, OrderLine.paid_fen, OrderLine.net_fen, OrderLine.net_sales_fen,
        OrderLine.discount_fen, OrderLine.tax_fen,
        OrderLine.original_line_id, RefundLine.doubt, sellers_as_json(Attribution.decision_id).label("sellers"),
        AttributionDecision.reason.label("attribution"),
    )  # fmt: skip
    statement = (
        select(*columns)
        .join(Attribution, Attribution.line_id == OrderLine.id)
        .join(AttributionDecision, AttributionDecision.id == Attribution.decision_id)
        .outerjoin(RefundLine, RefundLine.line_id == OrderLine.id)
        .where(OrderLine.order_id == order_id)
        .order_by(OrderLine.line_no)
    )
    found = []
    for line in fetch_all(statement):
        amounts: dict[str, Any] = {name: as_money(line.pop(f"{name}_fen"), currency) for name in AMOUNTS}
        tag, cost = line.pop("tag_fen"), line.pop("cost_fen")
        amounts["tag"] = money_or_none(tag, currency)
        amounts["cost"] = money_or_none(cost if with_cost else None, currency)
        found.append({**line, **amounts, "coupons": _with_money(line["coupons"], told_in)})
    return found
