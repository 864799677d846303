"""Tags of customers, and their history."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import aliased

from kit.db import db, fetch_all
from models import Customer, CustomerTag, Staff

MAX_HISTORY = 500


def find_tags(customer_id: UUID) -> set[str]:
    """The customer's tags now."""
    theirs = select(CustomerTag.tag).where(CustomerTag.customer_id == customer_id, CustomerTag.removed_at.is_(None))
    return set(db.session.scalars(theirs))


def find_tag_origins(customer_id: UUID) -> dict[str, tuple[str, UUID | None]]:
    """The customer's tags now, each with its origin and who set it."""
    columns = select(CustomerTag.tag, CustomerTag.origin, CustomerTag.set_by)
    theirs = columns.where(CustomerTag.customer_id == customer_id, CustomerTag.removed_at.is_(None))
    return {tag: (origin, set_by) for tag, origin, set_by in db.session.execute(theirs)}


def list_tag_history(person_id: UUID) -> Sequence[dict[str, Any]]:
    """Every tag that the person, or who was merged into them, has or had; the newest 500, newest first."""
    setter, remover = aliased(Staff), aliased(Staff)
    whose = select(Customer.id).where(Customer.person_id == person_id)
    return fetch_all(
        select(
            *(CustomerTag.tag, CustomerTag.origin, CustomerTag.customer_id),
            *(CustomerTag.created_at, setter.staff_no.label("set_by")),
            *(CustomerTag.removed_at, remover.staff_no.label("removed_by")),
        )
        .outerjoin(setter, setter.id == CustomerTag.set_by)
        .outerjoin(remover, remover.id == CustomerTag.removed_by)
        .where(CustomerTag.customer_id.in_(whose))
        .order_by(func.coalesce(CustomerTag.removed_at, CustomerTag.created_at).desc(), CustomerTag.id.desc())
        .limit(MAX_HISTORY)
    )
