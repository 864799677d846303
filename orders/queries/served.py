"""Whom a guide served: the part of who sees which customer that is found in orders (customers/queries/sight.py)."""

from typing import Any

from sqlalchemy import ColumnElement, Integer, exists, func, literal, select
from sqlalchemy.orm import aliased

from customers.queries.policies import IDS
from customers.rules.policies import BindingPolicy
from kit import clock
from kit.principal import Principal
from models import Attribution, Customer, CustomerPolicy, Order, OrderLine


def was_served(customer: Any, principal: Principal) -> ColumnElement[bool]:
    """True for the rows of `customer` whom the principal got credit for, in a store where they serve today.

    As long ago as the binding policy's `served_months`; orders of those who were merged into the customer count.
    """
    same = aliased(Customer)
    return exists(
        select(Order.id)
        .join(same, same.id == Order.customer_id)
        .join(OrderLine, OrderLine.order_id == Order.id)
        .join(Attribution, Attribution.line_id == OrderLine.id)
        .where(same.person_id == customer.id)
        .where(Attribution.guide_id == principal.id, Order.store_id.in_(principal.store_ids))
        .where(Order.ordered_at >= literal(clock.now()) - func.make_interval(0, _months()))
        .correlate(customer)
    )


def _months() -> ColumnElement[int]:
    settings = select(CustomerPolicy.settings["served_months"].astext.cast(Integer))
    policy = settings.where(CustomerPolicy.id == IDS[BindingPolicy]).scalar_subquery()
    return func.coalesce(policy, BindingPolicy().served_months)
