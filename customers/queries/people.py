"""Who the customers are."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import func, select

from kit.db import db
from models import Customer


def find_customer_ids(member_nos: Collection[str]) -> dict[str, UUID]:
    """The ids of those member numbers that are known; what was merged into another customer is that customer."""
    person = func.coalesce(Customer.merged_into_id, Customer.id)
    rows = db.session.execute(select(Customer.member_no, person).where(Customer.member_no.in_(member_nos)))
    return {member_no: customer_id for member_no, customer_id in rows if member_no is not None}


def lock_customer(customer_id: UUID) -> None:
    """Hold the customer until this unit of work ends, so that changes come one after the other."""
    db.session.execute(select(Customer.id).where(Customer.id == customer_id).with_for_update())
