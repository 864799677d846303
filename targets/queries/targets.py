"""Reads of targets."""

from collections.abc import Collection
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, or_, select, tuple_
from sqlalchemy.orm import aliased

from kit.db import db
from kit.errors import NotFound
from kit.principal import Principal
from models import Region, Staff, Store, Target, TargetChange
from staff.scope import sees_guide, sees_region, sees_store

Subject = tuple[date, str, UUID | None, UUID | None, UUID | None]


class TargetNotFound(NotFound):
    """There is no such target within the principal's scope."""

    code = "target_not_found"


class TargetRow(NamedTuple):
    """A target with the names of what it is of; zone and country are the store's."""

    id: UUID
    metric: str
    month: date
    level: str
    region_id: UUID | None
    region_code: str | None
    store_id: UUID | None
    store_code: str | None
    store_name: str | None
    guide_id: UUID | None
    staff_no: str | None
    guide_name: str | None
    currency: str | None
    amount: int | None
    proposed_amount: int | None
    state: str
    proposed_by: UUID | None
    approved_by: UUID | None
    version: int
    time_zone: str | None
    country: str | None


class Change(NamedTuple):
    """One step of a target."""

    command: str
    state: str
    amount: int
    reason: str | None
    changed_by: UUID
    changed_by_name: str
    changed_at: datetime


def get_target(target_id: UUID, *, principal: Principal) -> TargetRow:
    """A target within the principal's scope; raises TargetNotFound."""
    row = db.session.execute(_targets().where(Target.id == target_id, _sees(principal))).first()
    if row is None:
        raise TargetNotFound
    return TargetRow(*row)


def list_targets(
    *,
    principal: Principal,
    after: UUID | None,
    limit: int | None,
    month: date | None = None,
    metric: str | None = None,
    level: str | None = None,
    state: str | None = None,
    store_id: UUID | None = None,
    region_id: UUID | None = None,
) -> list[TargetRow]:
    """Targets in scope, the newest first; of a region also what lies below it."""
    wanted = _targets().where(_sees(principal)).order_by(Target.id.desc())
    equal = {Target.month: month, Target.metric: metric, Target.level: level, Target.state: state}
    for column, value in {**equal, Target.store_id: store_id}.items():
        if value is not None:
            wanted = wanted.where(column == value)
    if region_id:
        inside = select(Region.id).where(Region.ancestor_ids.contains([region_id]))
        wanted = wanted.where(or_(Target.region_id.in_(inside), Store.region_id.in_(inside)))
    if after:
        wanted = wanted.where(Target.id < after)
    return [TargetRow(*row) for row in db.session.execute(wanted.limit(limit))]


def list_changes(target_id: UUID) -> list[Change]:
    """How a target came about, oldest first."""
    columns = (
        TargetChange.command, TargetChange.state, TargetChange.amount, TargetChange.reason, TargetChange.changed_by,
        Staff.name, TargetChange.changed_at,
    )  # fmt: skip
    wanted = select(*columns).join(Staff, Staff.id == TargetChange.changed_by)
    wanted = wanted.where(TargetChange.target_id == target_id).order_by(TargetChange.id)
    return [Change(*row) for row in db.session.execute(wanted)]


def lock_target(target_id: UUID) -> Target:
    """A target, kept from other changes until the unit of work ends; raises TargetNotFound."""
    target = db.session.scalar(
        select(Target).where(Target.id == target_id).with_for_update().execution_options(populate_existing=True)
    )
    if target is None:
        raise TargetNotFound
    return target


def lock_subjects(subjects: Collection[Subject]) -> dict[Subject, Target]:
    """The targets that there are of these (month, metric, region, store, guide), kept from other changes."""
    columns = (Target.month, Target.metric, Target.region_id, Target.store_id, Target.guide_id)
    # NULLs are not equal: what is asked for is found by month, metric and whichever id is given.
    wanted = select(Target).where(
        tuple_(Target.month, Target.metric).in_({subject[:2] for subject in subjects}),
        or_(
            Target.region_id.in_({subject[2] for subject in subjects if subject[2]}),
            and_(Target.store_id.in_({subject[3] for subject in subjects if subject[3]})),
        ),
    )
    rows = db.session.scalars(
        wanted.order_by(Target.id).with_for_update().execution_options(populate_existing=True)
    ).all()
    found = {tuple(getattr(row, column.key) for column in columns): row for row in rows}
    return {subject: found[subject] for subject in subjects if subject in found}


def find_store_amounts(store_id: UUID, month: date) -> dict[str, tuple[int, str | None]]:
    """What was approved for a store and month, with its currency, by metric."""
    wanted = select(Target.metric, Target.amount, Target.currency).where(
        Target.level == "store", Target.store_id == store_id, Target.month == month, Target.amount.is_not(None)
    )
    return {metric: (amount or 0, currency) for metric, amount, currency in db.session.execute(wanted)}


def find_own_amounts(store_id: UUID, month: date, metric: str) -> dict[UUID, int]:
    """What was approved for guides of a store by name, instead of a share."""
    wanted = select(Target.guide_id, Target.amount).where(
        Target.level == "guide",
        Target.store_id == store_id,
        Target.month == month,
        Target.metric == metric,
        Target.amount.is_not(None),
    )
    return {guide_id: amount for guide_id, amount in db.session.execute(wanted) if guide_id and amount is not None}


def _sees(principal: Principal) -> ColumnElement[bool]:
    return or_(
        and_(Target.level == "region", sees_region(principal)),
        and_(Target.level == "store", sees_store(Target.store_id, principal)),
        and_(Target.level == "guide", sees_guide(Target.guide_id, Target.store_id, principal)),
    )


def _targets() -> Select[*tuple[Any, ...]]:
    guide = aliased(Staff)
    return (
        select(
            Target.id, Target.metric, Target.month, Target.level, Target.region_id, Region.code, Target.store_id,
            Store.code, Store.name, Target.guide_id, guide.staff_no, guide.name, Target.currency, Target.amount,
            Target.proposed_amount, Target.state, Target.proposed_by, Target.approved_by, Target.version,
            Store.time_zone, Store.country,
        )
        .outerjoin(Region, Region.id == Target.region_id)
        .outerjoin(Store, Store.id == Target.store_id)
        .outerjoin(guide, guide.id == Target.guide_id)
    )  # fmt: skip
