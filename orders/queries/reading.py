"""Orders as people see them."""

from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Uuid, cast, distinct, func, select
from sqlalchemy.dialects.postgresql import ARRAY, array
from sqlalchemy.orm import aliased

from kit.db import db, fetch_all, fetch_one
from kit.errors import NotFound
from kit.money import as_money
from kit.principal import Principal
from kit.words import say
from models import Attribution, Order, OrderLine, Source, Staff, Store
from staff.scope import sees_guide, sees_store

AMOUNTS = ("net", "net_sales", "discount", "tax")


class OrderNotFound(NotFound):
    """There is no such order within what the principal may see."""

    code = "order_not_found"


def get_order(order_id: UUID, *, principal: Principal) -> dict[str, Any]:
    """An order with its lines; raises OrderNotFound."""
    columns = (
        Order.id, Source.code.label("source"), Order.external_id, Order.source_version.label("version"),
        Order.revision, Order.store_id, Store.code.label("store_code"), Store.name.label("store_name"),
        Order.customer_id, Order.channel, Order.ordered_at, Order.business_day, Order.currency, Order.net_fen,
        Order.net_sales_fen, Order.changed_at, _refund_ids().label("refund_ids"),
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
    currency = order.pop("currency")
    for name in ("net", "net_sales"):
        order[name] = as_money(order.pop(f"{name}_fen"), currency)
    order["lines"] = _lines(order_id, currency)
    return order


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
    credited = select(OrderLine.order_id).join(Attribution, Attribution.line_id == OrderLine.id)
    credited = credited.where(
        OrderLine.order_id == Order.id, sees_guide(Attribution.guide_id, Order.store_id, principal)
    ).correlate(Order)
    return sees_store(Order.store_id, principal) | credited.exists()


def _lines(order_id: UUID, currency: str) -> list[dict[str, Any]]:
    columns = (
        OrderLine.id, OrderLine.line_no, OrderLine.sku_code, OrderLine.product_title, OrderLine.quantity,
        OrderLine.net_fen, OrderLine.net_sales_fen, OrderLine.discount_fen, OrderLine.tax_fen,
        OrderLine.original_line_id, Attribution.guide_id,
        Attribution.reason.label("attribution"),
    )  # fmt: skip
    statement = (
        select(*columns)
        .join(Attribution, Attribution.line_id == OrderLine.id)
        .where(OrderLine.order_id == order_id)
        .order_by(OrderLine.line_no)
    )
    found = []
    for line in fetch_all(statement):
        amounts = {name: as_money(line.pop(f"{name}_fen"), currency) for name in AMOUNTS}
        found.append({**line, **amounts})
    return found


def get_attribution(line_id: UUID, *, principal: Principal) -> dict[str, Any]:
    """Who got credit for a line, and why each other candidate did not; raises OrderNotFound."""
    statement = (
        select(
            OrderLine.id.label("line_id"), OrderLine.order_id, Attribution.guide_id, Attribution.reason,
            Attribution.policy_version, Attribution.decided_at, Attribution.candidates,
        )
        .join(Order, Order.id == OrderLine.order_id)
        .join(Attribution, Attribution.line_id == OrderLine.id)
        .where(OrderLine.id == line_id, visible(principal))
    )  # fmt: skip
    found = fetch_one(statement)
    if found is None:
        raise OrderNotFound
    names = _names({UUID(candidate["guide_id"]) for candidate in found["candidates"]})
    candidates = [_with_words({**c, "guide_name": names[UUID(c["guide_id"])]}) for c in found["candidates"]]
    return _with_words({**found, "candidates": candidates, "guide_name": names.get(found["guide_id"])})


def _with_words(told: dict[str, Any]) -> dict[str, Any]:
    return {**told, "detail": say(f"claim.{told['reason']}")}


def _names(staff_ids: set[UUID]) -> dict[UUID, str]:
    rows = db.session.execute(select(Staff.id, Staff.name).where(Staff.id.in_(staff_ids)))
    return dict(rows.all())
