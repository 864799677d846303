"""Customers as an import finds them, and the guides whose they are to become."""

from collections.abc import Collection
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Uuid, any_, exists, func, literal, select
from sqlalchemy.dialects.postgresql import ARRAY

from kit.codes import fold_code
from kit.db import db
from models import Binding, Customer, CustomerTag, Staff


class Standing(NamedTuple):
    """A customer as they stand before an import."""

    id: UUID
    member_no: str | None
    sealed_profile: bytes | None
    store_id: UUID | None
    bound: bool
    tags: frozenset[str]


def hold_standing(customer_ids: Collection[UUID]) -> dict[UUID, Standing]:
    """Those of these customers who are neither merged nor erased, held until this unit of work ends."""
    live = CustomerTag.removed_at.is_(None)
    tags = select(func.array_agg(CustomerTag.tag)).where(CustomerTag.customer_id == Customer.id, live)
    bound = exists().where(Binding.customer_id == Customer.id, Binding.ended_at.is_(None))
    columns = (Customer.id, Customer.member_no, Customer.sealed_profile, Customer.store_id)
    held = (
        select(*columns, bound, tags.scalar_subquery())
        .where(Customer.id == any_(literal(list(customer_ids), ARRAY(Uuid))))
        .where(Customer.merged_into_id.is_(None), Customer.erased_at.is_(None))
        .order_by(Customer.id)
        .with_for_update(key_share=True, of=Customer)
    )
    rows = [(*row[:5], frozenset(row[5] or ())) for row in db.session.execute(held)]
    return {row[0]: Standing._make(row) for row in rows}


def find_guides(staff_nos: Collection[str]) -> dict[str, tuple[UUID, UUID]]:
    """Id and home store of those members of staff who have one, by the key of their staff number (kit/codes.py)."""
    columns = select(Staff.staff_no_key, Staff.id, Staff.store_id).where(Staff.store_id.is_not(None))
    keys = {fold_code(staff_no) for staff_no in staff_nos}
    found = db.session.execute(columns.where(Staff.staff_no_key.in_(keys), Staff.left_on.is_(None)))
    return {key: (staff_id, store_id) for key, staff_id, store_id in found if store_id}
