"""Customers as tills know them: by member number."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert

from customers import queries
from kit.db import db
from models import Customer


def ensure_customers(member_nos: Collection[str]) -> dict[str, UUID]:
    """The customer id of each member number; unknown numbers become customers, also when two batches race."""
    wanted = sorted(set(member_nos))
    known = queries.find_customer_ids(wanted)
    if unknown := [{"member_no": member_no} for member_no in wanted if member_no not in known]:
        db.session.execute(insert(Customer).values(unknown).on_conflict_do_nothing())
        known = queries.find_customer_ids(wanted)
    return known
