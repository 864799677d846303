"""How far tasks are: the facts of what they complete (tasks/queries/facts.py), or what was handed in."""

from sqlalchemy import ColumnElement, Subquery, case, literal, select

from models import Assignment, Store, TaskPlan, TaskPlanVersion
from tasks.queries.facts import facts_of_task
from tasks.rules.states import COUNTED_KINDS


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
    done = case((is_counted, facts_of_task()), else_=Assignment.done).label("done")
    return (
        select(*_OF_TASK, *_OF_VERSION, TaskPlan.kind, *stored, is_counted.label("is_counted"), done)
        .join(TaskPlanVersion, TaskPlanVersion.id == Assignment.version_id)
        .join(TaskPlan, TaskPlan.id == TaskPlanVersion.plan_id)
        .join(Store, Store.id == Assignment.store_id)
        .where(*conditions)
        .subquery("counted")
    )
