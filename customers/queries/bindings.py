"""Whose customers are, and were."""

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import select

from kit.db import db
from models import Binding


class Bound(NamedTuple):
    """That a customer was a guide's own, from `bound_at` until `ended_at`."""

    customer_id: UUID
    guide_id: UUID
    bound_at: datetime
    ended_at: datetime | None


def find_bindings(customer_ids: Collection[UUID]) -> dict[UUID, list[Bound]]:
    """All bindings of these customers, live and ended, oldest first."""
    statement = (
        select(Binding.customer_id, Binding.guide_id, Binding.bound_at, Binding.ended_at)
        .where(Binding.customer_id.in_(customer_ids))
        .order_by(Binding.customer_id, Binding.bound_at)
    )
    found: dict[UUID, list[Bound]] = {}
    for row in db.session.execute(statement):
        found.setdefault(row.customer_id, []).append(Bound(*row))
    return found


def find_live_bindings(customer_ids: Collection[UUID]) -> dict[UUID, Bound]:
    """The binding now in force of each of these customers that has one."""
    everything = find_bindings(customer_ids)
    return {customer: bounds[-1] for customer, bounds in everything.items() if bounds[-1].ended_at is None}


def find_live_binding(customer_id: UUID) -> Binding | None:
    """The customer's live binding, for changing it."""
    return db.session.scalar(select(Binding).where(Binding.customer_id == customer_id, Binding.ended_at.is_(None)))
