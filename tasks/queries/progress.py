"""How far tasks are. What facts complete is counted from them, here and nowhere else."""

from datetime import timedelta

from sqlalchemy import (
    ColumnElement,
    DateTime,
    ScalarSelect,
    Subquery,
    case,
    cast,
    distinct,
    exists,
    func,
    literal,
    select,
    true,
)
from sqlalchemy.orm import aliased

from models import Assignment, Customer, Forward, ForwardConfirmation, Store, TaskPlan, TaskPlanVersion
from tasks.rules.states import COUNTED_KINDS

# What was tapped late in the evening may be sent on the next morning.
TAPPED_BEFORE = timedelta(days=1)


def progress(*conditions: ColumnElement[bool]) -> Subquery:
    """Tasks with what their plan asks, `done` and `state`.

    A task that facts complete is done while enough of them are there, whatever was stored last; of any other, what was
    handed in and decided says it.
    """
    found = _counted(*conditions)
    is_enough = found.c.done >= found.c.target_count
    state = case(
        (found.c.is_counted & is_enough & found.c.stored.in_(["open", "in_progress", "blocked"]), literal("done")),
        (found.c.is_counted & ~is_enough & (found.c.stored == "done"), literal("in_progress")),
        else_=found.c.stored,
    )
    return select(found, state.label("state")).subquery("progress")


_OF_TASK = (
    Assignment.id,
    Assignment.version_id,
    Assignment.occurrence_id,
    Assignment.guide_id,
    Assignment.store_id,
    Assignment.day,
    Assignment.seat,
    Assignment.reason,
    Assignment.opens_at,
    Assignment.due_at,
    Assignment.lease_until,
    Assignment.started_at,
)
_OF_VERSION = (
    TaskPlanVersion.plan_id,
    TaskPlanVersion.title,
    TaskPlanVersion.instructions,
    TaskPlanVersion.content_id,
    TaskPlanVersion.minutes,
    TaskPlanVersion.review,
    TaskPlanVersion.late,
)


def _counted(*conditions: ColumnElement[bool]) -> Subquery:
    is_counted = TaskPlan.kind.in_(sorted(COUNTED_KINDS))
    stored = (Assignment.state.label("stored"), Assignment.target.label("target_count"))
    done = case((is_counted, _forwards()), else_=Assignment.done).label("done")
    return (
        select(*_OF_TASK, *_OF_VERSION, TaskPlan.kind, *stored, is_counted.label("is_counted"), done)
        .join(TaskPlanVersion, TaskPlanVersion.id == Assignment.version_id)
        .join(TaskPlan, TaskPlan.id == TaskPlanVersion.plan_id)
        .join(Store, Store.id == Assignment.store_id)
        .where(*conditions)
        .subquery("counted")
    )


def _forwards() -> ScalarSelect[int]:
    """Distinct customers reached, and forwards sent that named none, from when the task opened to its day's end.

    Sent is what somebody confirmed (ForwardConfirmation): the app that it shared, or the channel that it delivered.
    What is overdue still counts until the day is over.
    """
    opens = Assignment.opens_at
    midnight = func.timezone(Store.time_zone, cast(Assignment.day + 1, DateTime))
    end = func.greatest(midnight, Assignment.due_at)
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
            Forward.content_id == TaskPlanVersion.content_id,
            Forward.created_at >= opens - TAPPED_BEFORE,
            Forward.created_at < end,
            sent.created_at >= opens,
            sent.created_at < end,
            ~exists().where(same, before.created_at < opens).correlate_except(before),
        )
        .correlate(Assignment, TaskPlanVersion, Store)
        .scalar_subquery()
    )
