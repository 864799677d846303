"""Plans and their versions: one person writes, another approves, and then nothing changes."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert

from commissions import queries
from commissions.rules.at_once import flat_rules
from commissions.rules.language.checks import check_plan
from commissions.rules.language.model import Plan
from commissions.rules.language.reading import read_plan
from commissions.rules.pay.examples import try_examples
from commissions.rules.unposted import find_unposted
from kit import jobs, locks
from kit.db import db
from kit.errors import Conflict
from kit.words import say
from models import CommissionPlan, Order, OrderPosting, PlanAcknowledgement, PlanVersion


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


class PlanExamplesFail(Conflict):
    """Examples inside the version do not come out as they say; mend them or the rules in a new version."""

    code = "plan_examples_fail"


class PlanNotPostedYet(Conflict):
    """The version asks for facts that nothing tells yet, such as points or campaigns."""

    code = "plan_not_posted_yet"


def create_plan(*, code: str, name: str) -> CommissionPlan:
    """A new plan without versions; raises PlanExists."""
    row = insert(CommissionPlan).values(code=code, name=name).on_conflict_do_nothing(index_elements=["code"])
    if db.session.scalar(row.returning(CommissionPlan.id)) is None:
        raise PlanExists
    return db.session.scalars(select(CommissionPlan).where(CommissionPlan.code == code)).one()


def add_version(*, plan_id: UUID, plan: Mapping[str, Any], effective_from: datetime, created_by: UUID) -> PlanVersion:
    """A draft in force from `effective_from` once approved; raises PlanNotFound, CommissionPlanInvalid.

    `plan` is a document of the published JSON Schema; it is kept with names and paths as catalog pushes have them.
    """
    read = read_plan(plan)
    check_plan(read)
    queries.lock_plan(plan_id)
    number = 1 + (db.session.scalar(select(func.max(PlanVersion.number)).where(PlanVersion.plan_id == plan_id)) or 0)
    version = PlanVersion(
        plan_id=plan_id,
        number=number,
        document=msgspec.to_builtins(read),
        rules=flat_rules(read),
        effective_from=effective_from,
        created_by=created_by,
    )
    db.session.add(version)
    db.session.flush()
    return version


def approve_version(*, version_id: UUID, approved_by: UUID, now: datetime) -> PlanVersion:
    """Put a version in force for good; orders since its `effective_from` are then owed a new posting.

    Its examples are run once more. Raises PlanVersionNotFound, SamePerson, AlreadyApproved, PlanExamplesFail,
    PlanNotPostedYet or VersionOutOfOrder.
    """
    # Whoever posts meanwhile has read the old versions: wait for them, and let the next ones wait for us.
    locks.hold(queries.VERSIONS_LOCK)
    version = queries.lock_version(version_id)
    if version.approved_at is not None:
        raise AlreadyApproved
    if version.created_by == approved_by:
        raise SamePerson
    _check_approvable(queries.plan_of(version))
    if queries.has_approved_version_since(version.plan_id, version.effective_from):
        raise VersionOutOfOrder
    version.approved_by, version.approved_at = approved_by, now
    _owe_again(since=version.effective_from)
    jobs.enqueue("commissions.jobs:sweep_orders")
    return version


def _check_approvable(plan: Plan) -> None:
    if failed := [tried.name for tried in try_examples(plan) if not tried.passed]:
        raise PlanExamplesFail(say("plan_examples_fail", names=failed))
    if unposted := find_unposted(plan):
        raise PlanNotPostedYet(say("plan_not_posted_yet", what=unposted))


def _owe_again(*, since: datetime) -> None:
    owing = select(Order.id).where(Order.ordered_at >= since)
    db.session.execute(update(OrderPosting).where(OrderPosting.order_id.in_(owing)).values(revision=0))


def acknowledge_version(*, plan_id: UUID, number: int, staff_id: UUID, now: datetime) -> datetime:
    """When somebody first said that they have read the version that pays them; raises PlanVersionNotFound."""
    version_id = queries.get_version_paying(plan_id=plan_id, number=number, staff_id=staff_id, now=now)
    row = insert(PlanAcknowledgement).values(version_id=version_id, staff_id=staff_id, acknowledged_at=now)
    db.session.execute(row.on_conflict_do_nothing())
    own = (PlanAcknowledgement.version_id == version_id, PlanAcknowledgement.staff_id == staff_id)
    return db.session.scalars(select(PlanAcknowledgement.acknowledged_at).where(*own)).one()
