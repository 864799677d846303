"""How far a plan's people are."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from kit.db import db
from kit.principal import Principal
from models import Assignment, Staff, Store, TaskOccurrence
from staff.scope import sees_store
from tasks.queries.progress import progress

Row = dict[str, Any]
# So many people of a plan are told apart; of more there are counts.
MAX_SHARES = 500


def read_plan_shares(plan_ids: Collection[UUID], *, principal: Principal) -> dict[UUID, list[Row]]:
    """Of each plan the tasks in sight of its latest day so far in each store, by store and staff number."""
    latest = (
        select(TaskOccurrence.plan_id, TaskOccurrence.store_id, func.max(TaskOccurrence.day).label("day"))
        .where(TaskOccurrence.plan_id.in_(plan_ids), sees_store(TaskOccurrence.store_id, principal))
        .group_by(TaskOccurrence.plan_id, TaskOccurrence.store_id)
        .limit(MAX_SHARES)
        .subquery("latest")
    )
    same = (
        (TaskOccurrence.plan_id == latest.c.plan_id)
        & (TaskOccurrence.store_id == latest.c.store_id)
        & (TaskOccurrence.day == latest.c.day)
    )
    ids = select(TaskOccurrence.id).join(latest, same)
    found = progress(Assignment.occurrence_id.in_(ids))
    statement = (
        select(found, Staff.staff_no, Staff.name, Store.code.label("store_code"))
        .join(Store, Store.id == found.c.store_id)
        .outerjoin(Staff, Staff.id == found.c.guide_id)
        .order_by(Store.code, Staff.staff_no, found.c.due_at, found.c.seat)
        .limit(MAX_SHARES)
    )
    shares: dict[UUID, list[Row]] = {plan_id: [] for plan_id in plan_ids}
    for row in db.session.execute(statement).mappings():
        shares[row["plan_id"]].append(dict(row))
    return shares
