"""The one place that says who sees which customer; every scoped query of customers uses these conditions.

A guide sees the customers bound to them, and of those asked for one by one whom they served lately in the store where
they are (orders/queries/served.py says who that is); a store manager those bound to the store's guides and those of the
store, bound or not; a regional manager the region's; the headquarters, auditors and integrators all.
"""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from flask import current_app
from sqlalchemy import ColumnElement, SelectBase, exists, or_, select, true, union
from sqlalchemy.orm import aliased

from kit.db import db
from kit.errors import NotFound
from kit.principal import Principal, Reach
from models import Binding, Customer, Staff
from staff.scope import sees_guide, sees_store


class CustomerNotFound(NotFound):
    """There is no such customer in sight."""

    code = "customer_not_found"


def sees_customer(principal: Principal, customer: Any = Customer) -> ColumnElement[bool]:
    """True for the rows of `customer` (the table or an alias of it) that the principal sees."""
    if principal.reach is Reach.ALL:
        return true()
    live = exists().where(Binding.customer_id == customer.id, Binding.ended_at.is_(None))
    if principal.reach is Reach.SELF:
        return live.where(Binding.guide_id == principal.id)
    guides = select(Staff.id).where(sees_store(Staff.store_id, principal))
    return or_(sees_store(customer.store_id, principal), live.where(Binding.guide_id.in_(guides)))


def is_among_seen(customer_id: Any, principal: Principal) -> ColumnElement[bool]:
    """`sees_customer` for sums over all of them: true for the ids of whom the principal sees, found by guide and store.

    One condition on each row, with its "or", has everybody looked at; and for one customer this would find all first.
    """
    if principal.reach is Reach.ALL:
        return true()
    guides = select(Staff.id).where(sees_guide(Staff.id, Staff.store_id, principal))
    bound = select(Binding.customer_id).where(Binding.guide_id.in_(guides), Binding.ended_at.is_(None))
    seen: SelectBase = bound
    if principal.reach is not Reach.SELF:
        here = aliased(Customer, name="here")
        standing = (here.merged_into_id.is_(None), here.erased_at.is_(None))
        seen = union(bound, select(here.id).where(sees_store(here.store_id, principal), *standing))
    found: ColumnElement[bool] = customer_id.in_(select(seen.subquery("seen").c[0]))
    return found


def sees_asked(principal: Principal, customer: Any = Customer) -> ColumnElement[bool]:
    """`sees_customer` for customers who are asked for, and not listed: whom one served is seen, too."""
    seen = sees_customer(principal, customer)
    if principal.reach is Reach.ALL or not principal.store_ids:
        return seen
    return or_(seen, current_app.extensions["was_served"](customer, principal))


def find_people(customer_ids: Collection[UUID], principal: Principal) -> dict[UUID, UUID]:
    """The person behind each of these customers whom the principal sees: who was merged is who they became."""
    person = aliased(Customer)
    statement = (
        select(Customer.id, person.id)
        .join(person, person.id == Customer.person_id)
        .where(Customer.id.in_(customer_ids), person.erased_at.is_(None), sees_asked(principal, person))
    )
    return {row[0]: row[1] for row in db.session.execute(statement)}


def get_person(customer_id: UUID, principal: Principal) -> UUID:
    """The person behind a customer; raises CustomerNotFound, out of sight too."""
    found = find_people([customer_id], principal).get(customer_id)
    if found is None:
        raise CustomerNotFound
    return found
