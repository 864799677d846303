"""Versions of the attribution policy, and what approving them still has to change."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

import msgspec
from sqlalchemy import func, select, tuple_

from kit.db import db, fetch_all
from kit.errors import NotFound
from models import AttributionPolicy, Order, OrderLine, PolicySweep, Store, WithheldDecision
from orders.rules.attribution import Policy

# Held shared by whoever decides on lines, alone by whoever approves a version.
POLICIES_LOCK = "attribution policies"


class PolicyNotFound(NotFound):
    """There is no such version of the attribution policy."""

    code = "attribution_policy_not_found"


class InForce(NamedTuple):
    """An approved version, from when on."""

    number: int
    effective_from: datetime
    policy: Policy


def list_approved() -> list[InForce]:
    """The approved versions, the one that begins last first."""
    columns = (AttributionPolicy.number, AttributionPolicy.effective_from, AttributionPolicy.document)
    approved = select(*columns).where(AttributionPolicy.approved_at.is_not(None))
    rows: Any = db.session.execute(approved.order_by(AttributionPolicy.effective_from.desc()))
    return [InForce(number, since, msgspec.convert(document, Policy)) for number, since, document in rows]


def list_policies(*, after: list[Any] | None, limit: int) -> list[dict[str, Any]]:
    """All versions, the newest first."""
    statement = select(AttributionPolicy.__table__).order_by(AttributionPolicy.number.desc()).limit(limit)
    if after:
        statement = statement.where(AttributionPolicy.number < after[0])
    return list(fetch_all(statement))


def get_policy(policy_id: UUID) -> dict[str, Any]:
    """One version; raises PolicyNotFound."""
    rows = fetch_all(select(AttributionPolicy.__table__).where(AttributionPolicy.id == policy_id))
    if not rows:
        raise PolicyNotFound
    return dict(rows[0])


def lock_policy(policy_id: UUID) -> AttributionPolicy:
    """A version, locked for approving it; raises PolicyNotFound."""
    found = db.session.scalar(select(AttributionPolicy).where(AttributionPolicy.id == policy_id).with_for_update())
    if found is None:
        raise PolicyNotFound
    return found


def find_last_start() -> datetime | None:
    """From when on the last approved version holds."""
    approved = AttributionPolicy.approved_at.is_not(None)
    return db.session.scalar(select(func.max(AttributionPolicy.effective_from)).where(approved))


def lock_sweep() -> tuple[PolicySweep, AttributionPolicy] | None:
    """The sweep of the first version that is not applied everywhere yet, unless another worker has it."""
    statement = (
        select(PolicySweep, AttributionPolicy)
        .join(AttributionPolicy, AttributionPolicy.id == PolicySweep.policy_id)
        .where(PolicySweep.done_at.is_(None))
        .order_by(AttributionPolicy.number)
        .limit(1)
        .with_for_update(of=PolicySweep, skip_locked=True)
    )
    row = db.session.execute(statement).one_or_none()
    return None if row is None else (row[0], row[1])


def find_next_day(*, day: date, store_id: UUID | None) -> tuple[date, UUID] | None:
    """The first day and store with orders after these, by the index of both."""
    keys = (Order.business_day, Order.store_id)
    past = Order.business_day >= day if store_id is None else tuple_(*keys) > tuple_(day, store_id)
    row = db.session.execute(select(*keys).where(past).order_by(*keys).limit(1)).one_or_none()
    return None if row is None else (row[0], row[1])


def list_orders_of_day(*, day: date, store_id: UUID, since: datetime) -> Sequence[UUID]:
    """The orders of a store's day that were made since then."""
    of_day = (Order.business_day == day, Order.store_id == store_id, Order.ordered_at >= since)
    return db.session.scalars(select(Order.id).where(*of_day).order_by(Order.id)).all()


def list_withheld(policy_id: UUID, *, after: list[Any] | None, limit: int) -> list[dict[str, Any]]:
    """The lines of closed days that a version would have credited otherwise, in the order in which they were noted."""
    statement = (
        select(
            WithheldDecision.id, WithheldDecision.line_id, Order.id.label("order_id"),
            Order.external_id.label("order_external_id"), Order.business_day,
            Store.id.label("store_id"), Store.name.label("store_name"),
            WithheldDecision.noted_at,
        )
        .join(OrderLine, OrderLine.id == WithheldDecision.line_id)
        .join(Order, Order.id == OrderLine.order_id)
        .join(Store, Store.id == Order.store_id)
        .where(WithheldDecision.policy_id == policy_id)
        .order_by(WithheldDecision.id)
        .limit(limit)
    )  # fmt: skip
    if after:
        statement = statement.where(WithheldDecision.id > UUID(after[0]))
    return list(fetch_all(statement))
