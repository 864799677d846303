"""Who is credited with lines, as upper rooms join it: the sellers now, and an amount's part that is theirs.

And whom a guide served: the part of who sees which customer that is found in orders (customers/queries/sight.py).
"""

from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Integer, Subquery, and_, case, cast, exists, func, literal, select
from sqlalchemy.dialects.postgresql import JSONB, aggregate_order_by
from sqlalchemy.orm import aliased

from customers.queries.policies import IDS
from customers.rules.policies import BindingPolicy
from kit import clock
from kit.money import WHOLE_BP
from kit.principal import Principal
from models import Attribution, Credit, Customer, CustomerPolicy, Order, OrderLine

# Of `Attribution` joined with `Credit`: the credit of a seller by the decision that holds now.
IS_SELLER: ColumnElement[bool] = and_(Credit.decision_id == Attribution.decision_id, Credit.role == "seller")


def sellers() -> Subquery:
    """Whom each line counts for now: line, guide, `share_bp` (a line's are a whole), place and decision."""
    columns = (Credit.line_id, Credit.beneficiary_id.label("guide_id"), Credit.share_bp, Credit.place)
    statement = select(*columns, Attribution.decision_id).join(Attribution, IS_SELLER)
    return statement.subquery("seller")


def sellers_as_json(decision_id: Any) -> ColumnElement[Any]:
    """The sellers by a decision, with their shares, as an answer shows them."""
    credit = aliased(Credit)
    seller = func.jsonb_build_object("guide_id", credit.beneficiary_id, "share_bp", credit.share_bp)
    found = select(func.jsonb_agg(aggregate_order_by(seller, credit.place)))
    found = found.where(credit.decision_id == decision_id, credit.role == "seller")
    return func.coalesce(found.correlate_except(credit).scalar_subquery(), cast([], JSONB))


def part_of(amount: Any) -> ColumnElement[int]:
    """Of an amount of the line, the seller's part, to the fen; all of it where nobody sells."""
    shared = aliased(Credit)
    shares = (
        select(func.array_agg(aggregate_order_by(cast(shared.share_bp, BigInteger), shared.place)))
        .where(shared.decision_id == Credit.decision_id, shared.role == "seller")
        .correlate(Credit)
        .scalar_subquery()
    )
    return case((Credit.share_bp < WHOLE_BP, func.split_fen(amount, shares, Credit.place)), else_=amount)


def share_bp() -> ColumnElement[int]:
    """The seller's share of the line; a whole where nobody sells."""
    return func.coalesce(Credit.share_bp, WHOLE_BP)


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
        .join(Credit, IS_SELLER)
        .where(same.person_id == customer.id)
        .where(Credit.beneficiary_id == principal.id, Order.store_id.in_(principal.store_ids))
        .where(Order.ordered_at >= literal(clock.now()) - func.make_interval(0, _months()))
        .correlate(customer)
    )


def _months() -> ColumnElement[int]:
    settings = select(CustomerPolicy.settings["served_months"].astext.cast(Integer))
    policy = settings.where(CustomerPolicy.id == IDS[BindingPolicy]).scalar_subquery()
    return func.coalesce(policy, BindingPolicy().served_months)
