"""Reads of plans."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Select, Uuid, and_, any_, cast, exists, func, or_, select, true
from sqlalchemy.dialects.postgresql import ARRAY

from kit.db import db, fetch_all
from kit.errors import NotFound
from kit.principal import Principal, Reach
from models import Region, Store, TaskPlan, TaskPlanStore, TaskPlanVersion
from staff.scope import sees_store

Row = dict[str, Any]
# How many of the newest plans are looked through for those of a region, before its stores are asked one by one.
LOOKED_THROUGH = 1_000


class TaskPlanNotFound(NotFound):
    """There is no such task plan within the principal's scope."""

    code = "task_plan_not_found"


class Spot(NamedTuple):
    """A kind of store: whose holidays it keeps, and what time it is there."""

    country: str
    time_zone: str


def find_plan(plan_id: UUID) -> TaskPlan | None:
    """The plan of this id, of anybody."""
    return db.session.get(TaskPlan, plan_id)


def get_version(plan: TaskPlan) -> TaskPlanVersion:
    """What the plan says now."""
    wanted = select(TaskPlanVersion).where(TaskPlanVersion.plan_id == plan.id, TaskPlanVersion.number == plan.number)
    return db.session.scalars(wanted).one()


def lock_plan(plan_id: UUID, *, principal: Principal) -> TaskPlan:
    """A plan in sight, locked until the unit of work ends; raises TaskPlanNotFound."""
    wanted = select(TaskPlan).where(TaskPlan.id == plan_id, plan_in_sight(principal))
    plan = db.session.scalar(wanted.with_for_update().execution_options(populate_existing=True))
    if plan is None:
        raise TaskPlanNotFound
    return plan


def owned_by(principal: Principal) -> ColumnElement[bool]:
    """True for the plans that the principal may change: their own level's, and those below it."""
    if principal.reach is Reach.ALL:
        return true()
    of_stores = and_(TaskPlan.owner_store_id.is_not(None), sees_store(TaskPlan.owner_store_id, principal))
    if principal.reach is not Reach.REGION:
        return of_stores
    inside = select(Region.id).where(Region.ancestor_ids.contains([principal.region_id]))
    return or_(of_stores, TaskPlan.owner_region_id.in_(inside))


def plan_in_sight(principal: Principal) -> ColumnElement[bool]:
    """True for one's own plans, and for those of others that were published and reach one's stores."""
    if principal.reach is Reach.ALL:
        return true()
    reaches = exists().where(TaskPlanStore.plan_id == TaskPlan.id, sees_store(TaskPlanStore.store_id, principal))
    return or_(owned_by(principal), and_(TaskPlan.state != "draft", reaches))


def list_plan_ids(
    *, principal: Principal, store_id: UUID | None, after: tuple[datetime, UUID] | None, limit: int
) -> Sequence[UUID]:
    """The plans that the principal sees, or those of them that reach one store, the newest first."""
    if store_id is None and principal.reach is Reach.ALL:
        return db.session.scalars(_newest(after).limit(limit)).all()
    if store_id is None and principal.reach is Reach.REGION:
        newest = _newest(after).limit(LOOKED_THROUGH).subquery()
        seen = select(TaskPlan.id).where(TaskPlan.id.in_(select(newest.c.id)), plan_in_sight(principal))
        found = db.session.scalars(_in_order(seen).limit(limit)).all()
        if len(found) == limit:
            return found
    return db.session.scalars(_of_stores(principal, store_id, after, limit)).all()


def _newest(after: tuple[datetime, UUID] | None) -> Select[UUID]:
    statement = _in_order(select(TaskPlan.id))
    return statement.where(or_(*_past(after, TaskPlan.created_at, TaskPlan.id))) if after else statement


def _past(after: tuple[datetime, UUID], at: Any, id_: Any) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return at < after[0], and_(at == after[0], id_ < after[1])


def _in_order(statement: Select[UUID]) -> Select[UUID]:
    return statement.order_by(TaskPlan.created_at.desc(), TaskPlan.id.desc())


def _of_stores(
    principal: Principal, store_id: UUID | None, after: tuple[datetime, UUID] | None, limit: int
) -> Select[UUID]:
    """The first plans of each store in sight, merged."""
    stores = select(Store.id).where(sees_store(Store.id, principal))
    each = (stores if store_id is None else stores.where(Store.id == store_id)).subquery("each")
    reach = select(TaskPlanStore.plan_id, TaskPlanStore.created_at).join(TaskPlan, TaskPlan.id == TaskPlanStore.plan_id)
    seen = or_(TaskPlan.state != "draft", owned_by(principal))
    first = reach.where(TaskPlanStore.store_id == each.c.id, seen).correlate(each)
    if after:
        first = first.where(or_(*_past(after, TaskPlanStore.created_at, TaskPlanStore.plan_id)))
    order = TaskPlanStore.created_at.desc(), TaskPlanStore.plan_id.desc()
    merged = first.order_by(*order).limit(limit).lateral("first")
    ids = select(merged.c.plan_id).select_from(each.join(merged, true()))
    return _in_order(select(TaskPlan.id).where(TaskPlan.id.in_(ids))).limit(limit)


_COLUMNS = (
    TaskPlan.id,
    TaskPlan.kind,
    TaskPlan.state,
    TaskPlan.number,
    TaskPlan.owner_store_id,
    TaskPlan.owner_region_id,
    TaskPlan.created_by,
    TaskPlan.created_at,
    TaskPlan.published_at,
    TaskPlan.version,
)
SAID = (
    TaskPlanVersion.title,
    TaskPlanVersion.instructions,
    TaskPlanVersion.content_id,
    TaskPlanVersion.target_count,
    TaskPlanVersion.region_ids,
    TaskPlanVersion.store_ids,
    TaskPlanVersion.store_tags,
    TaskPlanVersion.roles,
    TaskPlanVersion.share,
    TaskPlanVersion.share_count,
    TaskPlanVersion.first_day,
    TaskPlanVersion.rrule,
    TaskPlanVersion.except_days,
    TaskPlanVersion.holidays,
    TaskPlanVersion.slots,
    TaskPlanVersion.minutes,
    TaskPlanVersion.review,
    TaskPlanVersion.late,
)


def list_plans(ids: Sequence[UUID]) -> list[Row]:
    """What these plans say now, and how many stores each reaches; the newest first."""
    stores = select(func.count()).where(TaskPlanStore.plan_id == TaskPlan.id).correlate(TaskPlan).scalar_subquery()
    statement = (
        select(*_COLUMNS, *SAID, stores.label("reached_stores"))
        .join(
            TaskPlanVersion,
            and_(TaskPlanVersion.plan_id == TaskPlan.id, TaskPlanVersion.number == TaskPlan.number),
        )
        .where(TaskPlan.id == any_(cast(list(ids), ARRAY(Uuid))))
        .order_by(TaskPlan.created_at.desc(), TaskPlan.id.desc())
    )
    return list(fetch_all(statement))


def get_plan(plan_id: UUID, *, principal: Principal) -> Row:
    """One plan in sight; raises TaskPlanNotFound."""
    if not db.session.scalar(select(TaskPlan.id).where(TaskPlan.id == plan_id, plan_in_sight(principal))):
        raise TaskPlanNotFound
    return list_plans([plan_id])[0]


def list_versions(plan_id: UUID) -> list[Row]:
    """What a plan said, the newest first, and who said it when."""
    columns = (TaskPlanVersion.number, TaskPlanVersion.created_by, TaskPlanVersion.created_at, TaskPlanVersion.title)
    wanted = select(*columns).where(TaskPlanVersion.plan_id == plan_id)
    return list(fetch_all(wanted.order_by(TaskPlanVersion.number.desc())))


def list_spots(plan_id: UUID) -> list[Spot]:
    """The kinds of stores that a plan reaches."""
    wanted = select(Store.country, Store.time_zone).join(TaskPlanStore, TaskPlanStore.store_id == Store.id)
    return [Spot(*row) for row in db.session.execute(wanted.where(TaskPlanStore.plan_id == plan_id).distinct())]
