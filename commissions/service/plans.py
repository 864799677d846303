"""Plans and their versions: one person writes, another approves, and then nothing changes."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert

from commissions import queries
from kit import jobs, locks
from kit.db import db
from kit.errors import Conflict
from models import CommissionPlan, Order, OrderPosting, PlanVersion


class PlanExists(Conflict):
    """Another plan has this code."""

    code = "commission_plan_exists"


class SamePerson(Conflict):
    """Who wrote a plan version may not approve it."""

    code = "same_person"


class AlreadyApproved(Conflict):
    """The version is approved already; it never changes again."""

    code = "already_approved"


class VersionOutOfOrder(Conflict):
    """A version in force from then or later is approved already; it would overrule this one."""

    code = "version_out_of_order"


def create_plan(*, code: str, name: str) -> CommissionPlan:
    """A new plan without versions; raises PlanExists."""
    row = insert(CommissionPlan).values(code=code, name=name).on_conflict_do_nothing(index_elements=["code"])
    if db.session.scalar(row.returning(CommissionPlan.id)) is None:
        raise PlanExists
    return db.session.scalars(select(CommissionPlan).where(CommissionPlan.code == code)).one()


def add_version(
    *, plan_id: UUID, rules: Sequence[dict[str, Any]], effective_from: datetime, created_by: UUID
) -> PlanVersion:
    """A draft in force from `effective_from` once approved; raises PlanNotFound.

    Of the ordered `rules`, the first whose `brand`, `category` (or one above it), `sku` and `channel` all fit a line
    pays `rate_bp` of its net to the attributed guide; what a rule does not name fits everything.
    """
    queries.lock_plan(plan_id)
    number = 1 + (db.session.scalar(select(func.max(PlanVersion.number)).where(PlanVersion.plan_id == plan_id)) or 0)
    version = PlanVersion(
        plan_id=plan_id, number=number, rules=list(rules), effective_from=effective_from, created_by=created_by
    )
    db.session.add(version)
    db.session.flush()
    return version


def approve_version(*, version_id: UUID, approved_by: UUID, now: datetime) -> PlanVersion:
    """Put a version in force for good; orders since its `effective_from` are then owed a new posting.

    Raises PlanVersionNotFound, SamePerson, AlreadyApproved or VersionOutOfOrder.
    """
    # Whoever posts meanwhile has read the old versions: wait for them, and let the next ones wait for us.
    locks.hold(queries.VERSIONS_LOCK)
    version = queries.get_version(version_id)
    if version.approved_at is not None:
        raise AlreadyApproved
    if version.created_by == approved_by:
        raise SamePerson
    if queries.has_approved_version_since(version.plan_id, version.effective_from):
        raise VersionOutOfOrder
    version.approved_by, version.approved_at = approved_by, now
    _owe_again(since=version.effective_from)
    jobs.enqueue("commissions.jobs:sweep_orders")
    return version


def _owe_again(*, since: datetime) -> None:
    owing = select(Order.id).where(Order.ordered_at >= since)
    db.session.execute(update(OrderPosting).where(OrderPosting.order_id.in_(owing)).values(revision=0))
