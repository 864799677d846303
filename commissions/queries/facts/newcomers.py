"""Customers who were bound for the first time, and whose first purchase after it lies in a period."""

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Select, and_, func, select
from sqlalchemy.orm import aliased

from commissions.queries.facts.names import of_person
from commissions.queries.facts.scope import Span, pay_day, stores_of
from commissions.rules.language.facts import NewCustomer
from commissions.rules.language.model import NewCustomerRule
from kit.db import db
from models import Binding, Customer, CustomerIdentity, Order, OrderLine, Staff, Store


def list_new_customers(span: Span) -> tuple[list[NewCustomer], dict[str, UUID]]:
    """One for each, with what the rules ask of them, and the guides; none where no rule pays for new customers."""
    rules = [rule for rule in span.plan.rules if isinstance(rule, NewCustomerRule)]
    if not rules:
        return [], {}
    least = min(rule.first_purchase_from for rule in rules)
    found: list[NewCustomer] = []
    people: dict[str, UUID] = {}
    for row in db.session.execute(_first_purchases(span, least=least)):
        name = of_person(row.staff_no)
        people[name] = row.staff_id
        found.append(_new_customer(row, name, least=least))
    return found, people


def _new_customer(row: Any, name: str, *, least: int) -> NewCustomer:
    known = (*(("name",) if row.has_name else ()), *(("phone",) if row.has_phone else ()))
    returned = _returned_on(row.order_id, below=max(1, least))
    return NewCustomer(
        to=name,
        bound_before=row.bound_before,
        known=known,
        bought_net=row.net_fen,
        after_days=max(0, (row.ordered_at - row.bound_at).days),
        returned_after_days=None if returned is None else max(0, (returned - row.business_day).days),
    )


def _first_purchases(span: Span, *, least: int) -> Select[*tuple[Any, ...]]:
    """Of each confirmed binding, the first receipt of at least so much after it, where that counts in the period."""
    buyer, before, named = aliased(Customer), aliased(Binding), aliased(CustomerIdentity)
    bought = (
        select(Order.id)
        .join(buyer, buyer.id == Order.customer_id)
        .where(buyer.person_id == Customer.person_id, Order.receipt_kind == "sale", Order.net_fen >= least)
        .where(Order.ordered_at >= Binding.bound_at, Order.currency == span.plan.currency)
        .order_by(Order.ordered_at, Order.id)
        .limit(1)
        .correlate(Binding, Customer)
        .scalar_subquery()
    )
    earlier = select(before.id).where(before.customer_id == Binding.customer_id, before.bound_at < Binding.bound_at)
    phone = select(named.id).where(named.customer_id == Customer.id, named.kind == "phone")
    columns = (
        Staff.id.label("staff_id"), Staff.staff_no, Binding.bound_at, Order.id.label("order_id"), Order.ordered_at,
        Order.business_day, Order.net_fen, earlier.exists().label("bound_before"),
        Customer.profile_fields.contains(["name"]).label("has_name"), phone.exists().label("has_phone"),
    )  # fmt: skip
    in_days = and_(Order.business_day <= span.days.last, pay_day(span.group_code).between(*span.days))
    return (
        select(*columns)
        .select_from(Binding)
        .join(Customer, Customer.id == Binding.customer_id)
        .join(Order, Order.id == bought)
        .join(Store, Store.id == Order.store_id)
        .join(Staff, Staff.id == Binding.guide_id)
        .where(Binding.confirmed_at.is_not(None), stores_of(span), in_days)
        .order_by(Order.ordered_at, Order.id)
    )


def _returned_on(order_id: UUID, *, below: int) -> date | None:
    """The day from which on less than so much is left of a receipt."""
    returned, sold = aliased(OrderLine), aliased(OrderLine)
    of_sale = select(func.sum(sold.net_fen)).where(sold.order_id == order_id).scalar_subquery()
    left = of_sale + func.sum(func.sum(returned.net_fen)).over(order_by=Order.business_day)
    by_day = (
        select(Order.business_day, left.label("left_fen"))
        .join(returned, returned.order_id == Order.id)
        .join(sold, sold.id == returned.original_line_id)
        .where(sold.order_id == order_id)
        .group_by(Order.business_day)
        .subquery()
    )
    first: date | None = db.session.scalar(select(func.min(by_day.c.business_day)).where(by_day.c.left_fen < below))
    return first
