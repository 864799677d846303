"""All reads of the tasks room. Whether an assignment is done is counted from the facts, here and nowhere else."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Date,
    DateTime,
    Integer,
    ScalarSelect,
    Select,
    Subquery,
    Uuid,
    bindparam,
    case,
    cast,
    distinct,
    exists,
    func,
    literal,
    select,
    text,
    true,
    tuple_,
)
from sqlalchemy.orm import aliased

from content_center.queries import contents_by_id
from content_center.queries import last_turn as content_turn
from kit.db import db, fetch_all, fetch_one
from kit.errors import NotFound
from kit.principal import Principal
from models import Assignment, Customer, Forward, ForwardConfirmation, Staff, Store, Submission, TaskPlan
from staff.scope import Listed, Page, read_page, sees_guide, sees_store

Row = dict[str, Any]
# What was tapped late in the evening may be sent on the next morning.
TAPPED_BEFORE = timedelta(days=1)


class TaskNotFound(NotFound):
    """There is no such task within the principal's scope."""

    code = "task_not_found"


class TaskPlanNotFound(NotFound):
    """There is no such task plan within the principal's scope."""

    code = "task_plan_not_found"


def progress(*conditions: ColumnElement[bool]) -> Subquery:
    """Assignments with what their plan asks, `done` (counted) and `state` (open, done, cancelled).

    A forward task counts what the guide is confirmed to have sent of its content since it was set, during its business
    day in the store's time zone; any other counts what was handed in, whenever that was.
    """
    counted = (
        select(
            Assignment.id,
            Assignment.plan_id,
            Assignment.guide_id,
            Assignment.store_id,
            Assignment.day,
            Assignment.state.label("decided"),
            TaskPlan.kind,
            TaskPlan.title,
            TaskPlan.instructions,
            TaskPlan.content_id,
            TaskPlan.target_count,
            TaskPlan.due_at,
            case((TaskPlan.kind == "forward", _forwards()), else_=_submissions()).label("done"),
        )
        .join(TaskPlan, TaskPlan.id == Assignment.plan_id)
        .join(Store, Store.id == Assignment.store_id)
        .where(*conditions)
        .subquery("counted")
    )
    state = case(
        (counted.c.decided == "cancelled", literal("cancelled")),
        (counted.c.done >= counted.c.target_count, literal("done")),
        else_=literal("open"),
    )
    return select(counted, state.label("state")).subquery("progress")


def _forwards() -> ScalarSelect[int]:
    """Distinct customers reached, and forwards sent that named none, since the task was set and on its business day.

    Sent is what somebody confirmed (ForwardConfirmation): the app that it shared, or the channel that it delivered.
    """
    start = func.timezone(Store.time_zone, cast(Assignment.day, DateTime))
    end = func.timezone(Store.time_zone, cast(Assignment.day + 1, DateTime))
    opens = func.greatest(start, TaskPlan.created_at)
    before = aliased(ForwardConfirmation)
    # Looked up for each forward, set apart: as conditions, PostgreSQL may sooner read all confirmations of that time.
    columns = (ForwardConfirmation.forward_id, ForwardConfirmation.customer_id, ForwardConfirmation.created_at)
    steps = select(*columns).where(ForwardConfirmation.forward_id == Forward.id).correlate(Forward).offset(0)
    steps_of_one = steps.lateral("sent")
    sent = steps_of_one.c
    same = (before.forward_id == sent.forward_id) & before.customer_id.is_not_distinct_from(sent.customer_id)
    return (
        select(func.count(distinct(func.coalesce(Customer.person_id, sent.forward_id))))
        .select_from(Forward)
        .join(steps_of_one, true())
        .outerjoin(Customer, Customer.id == sent.customer_id)
        .where(
            Forward.guide_id == Assignment.guide_id,
            Forward.content_id == TaskPlan.content_id,
            Forward.created_at >= start - TAPPED_BEFORE,
            Forward.created_at < end,
            sent.created_at >= opens,
            sent.created_at < end,
            ~exists().where(same, before.created_at < opens).correlate_except(before),
        )
        .correlate(Assignment, TaskPlan, Store)
        .scalar_subquery()
    )


def _submissions() -> ScalarSelect[int]:
    return (
        select(func.count())
        .select_from(Submission)
        .where(Submission.assignment_id == Assignment.id)
        .correlate(Assignment)
        .scalar_subquery()
    )


def list_tasks(principal: Principal, *, day: date, now: datetime, after: list[Any] | None, limit: int) -> list[Row]:
    """The principal's own tasks of one business day, the most urgent first."""
    parameters: Row = {"guide_id": principal.id, "day": day, "now": now, "limit": limit}
    if after:
        parameters |= {"after_due_at": datetime.fromisoformat(after[0]), "after_id": UUID(after[1])}
    return _with_content(fetch_all(_own_tasks(further=bool(after)), parameters), principal, now)


@cache
def _own_tasks(*, further: bool) -> Select[Any]:
    own, on_day = bindparam("guide_id", type_=Uuid), bindparam("day", type_=Date)
    found = progress(Assignment.guide_id == own, Assignment.day == on_day)
    statement = _tasks(found).order_by(found.c.due_at, found.c.id).limit(bindparam("limit", type_=Integer))
    last = tuple_(bindparam("after_due_at", type_=DateTime(timezone=True)), bindparam("after_id", type_=Uuid))
    return statement.where(tuple_(found.c.due_at, found.c.id) > last) if further else statement


# A deadline lies within its business day, wherever on Earth that is.
LAST_DUE = text("""
SELECT max(p.due_at) AS due_at FROM assignment a JOIN task_plan p ON p.id = a.plan_id
WHERE a.guide_id = :guide_id AND a.day BETWEEN :first AND :last AND p.due_at < :now""")


def last_turn(principal: Principal, now: datetime) -> tuple[Row | None, Row | None]:
    """When one of the principal's tasks was last due, and a content last changed by the time alone."""
    near = {"first": now.date() - timedelta(days=2), "last": now.date() + timedelta(days=2)}
    due = fetch_one(LAST_DUE, {"guide_id": principal.id, "now": now, **near})
    return due, content_turn(principal, now)


def get_task(task_id: UUID, *, principal: Principal, now: datetime) -> Row:
    """One task, with what was handed in, oldest first; raises TaskNotFound."""
    visible = sees_guide(Assignment.guide_id, Assignment.store_id, principal)
    task = fetch_one(_tasks(progress(Assignment.id == task_id, visible)), {"now": now})
    if task is None:
        raise TaskNotFound
    handed_in = (
        select(Submission.id, Submission.note, Submission.created_at)
        .where(Submission.assignment_id == task_id)
        .order_by(Submission.created_at, Submission.id)
    )
    [task] = _with_content([task], principal, now)
    return {**task, "submissions": list(fetch_all(handed_in))}


def _tasks(found: Subquery) -> Select[Any]:
    overdue = (found.c.state == "open") & (found.c.due_at < bindparam("now", type_=DateTime(timezone=True)))
    return select(found, overdue.label("overdue"))


def _with_content(tasks: Iterable[Row], principal: Principal, now: datetime) -> list[Row]:
    tasks = list(tasks)
    wanted = {task["content_id"] for task in tasks if task["content_id"]}
    contents = contents_by_id(wanted, principal=principal, now=now)
    return [{**task, "content": contents.get(task["content_id"])} for task in tasks]


def get_own_task_to_change(task_id: UUID, *, guide_id: UUID) -> Row:
    """The guide's own task, locked until the unit of work ends, so that two taps count one by one.

    Raises TaskNotFound.
    """
    locked = db.session.scalar(
        select(Assignment.id).where(Assignment.id == task_id, Assignment.guide_id == guide_id).with_for_update()
    )
    task = fetch_one(select(progress(Assignment.id == task_id))) if locked else None
    if task is None:
        raise TaskNotFound
    return task


def find_submission(submission_id: UUID) -> Row | None:
    """What was handed in under this id."""
    columns = (Submission.id, Submission.assignment_id, Submission.guide_id, Submission.note, Submission.created_at)
    return fetch_one(select(*columns).where(Submission.id == submission_id))


def find_plan(plan_id: UUID) -> TaskPlan | None:
    """The plan of this id, in any store."""
    return db.session.get(TaskPlan, plan_id)


def get_plan_to_change(plan_id: UUID, *, principal: Principal) -> TaskPlan:
    """A plan within the principal's scope, locked; raises TaskPlanNotFound."""
    plan = db.session.scalar(
        select(TaskPlan).where(TaskPlan.id == plan_id, sees_store(TaskPlan.store_id, principal)).with_for_update()
    )
    if plan is None:
        raise TaskPlanNotFound
    return plan


def list_plans(
    *, principal: Principal, store_id: UUID | None, day: date | None, after: list[Any] | None, limit: int
) -> list[Row]:
    """Plans of the stores the principal sees, newest first, each with every guide's progress."""
    wanted = Page(
        limit=limit,
        after=(datetime.fromisoformat(after[0]), UUID(after[1])) if after else None,
        where=(TaskPlan.day == day,) if day else (),
        store_id=store_id,
    )
    newest_first = select(*_PLAN_COLUMNS).order_by(TaskPlan.created_at.desc(), TaskPlan.id.desc())
    plans = read_page(
        PLANS,
        wanted,
        principal=principal,
        read=lambda theirs: list(fetch_all(newest_first.where(theirs))),
    )
    return _with_guides(plans)


def get_plan(plan_id: UUID) -> Row:
    """One plan with every guide's progress; raises TaskPlanNotFound."""
    plan = fetch_one(select(*_PLAN_COLUMNS).where(TaskPlan.id == plan_id))
    if plan is None:
        raise TaskPlanNotFound
    return _with_guides([plan])[0]


# Who set it is its guide here: nobody sees plans by that.
PLANS = Listed(keys=(TaskPlan.created_at, TaskPlan.id), guide_id=TaskPlan.created_by, store_id=TaskPlan.store_id)
_PLAN_COLUMNS = (
    TaskPlan.id,
    TaskPlan.kind,
    TaskPlan.title,
    TaskPlan.instructions,
    TaskPlan.store_id,
    TaskPlan.content_id,
    TaskPlan.target_count,
    TaskPlan.day,
    TaskPlan.due_at,
    TaskPlan.created_at,
    TaskPlan.cancelled_at,
)


def _with_guides(plans: Iterable[Row]) -> list[Row]:
    by_id = {plan["id"]: {**plan, "guides": []} for plan in plans}
    found = progress(Assignment.plan_id.in_(by_id))
    statement = (
        select(found.c.id, found.c.plan_id, found.c.done, found.c.state, Staff.id, Staff.staff_no, Staff.name)
        .join(Staff, Staff.id == found.c.guide_id)
        .order_by(Staff.staff_no)
    )
    for task_id, plan_id, done, state, *guide in db.session.execute(statement):
        plan = by_id[plan_id]
        share = {"task_id": task_id, "state": state, "progress": {"done": done, "target": plan["target_count"]}}
        plan["guides"].append({**share, "guide": dict(zip(("id", "staff_no", "name"), guide, strict=True))})
    return list(by_id.values())
