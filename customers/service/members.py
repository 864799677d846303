"""Customers as tills know them: by member number."""

from collections.abc import Mapping
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert

from customers import queries
from kit.codes import fold_code
from kit.db import db
from models import Customer


def ensure_customers(stores: Mapping[str, UUID | None]) -> dict[str, UUID]:
    """The customer of each member number, by the number's key (kit/codes.py).

    An unknown number becomes a customer of the store it is given with, so that the people there find them; once only,
    also when two batches race or write it differently. The numbers are codes (`is_code`).
    """
    wanted: dict[str, tuple[str, UUID | None]] = {}
    for member_no, store_id in stores.items():
        wanted.setdefault(fold_code(member_no), (member_no, store_id))
    known = queries.find_customer_ids(wanted)
    # In one order, so that two batches wait for each other and never in a circle.
    unknown = [wanted[key] for key in sorted(wanted.keys() - known.keys())]
    if unknown:
        rows = [{"member_no": member_no, "store_id": store_id} for member_no, store_id in unknown]
        db.session.execute(insert(Customer).values(rows).on_conflict_do_nothing())
        known = queries.find_customer_ids(wanted)
    return known
