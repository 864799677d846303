"""Reads of tasks: a guide's list, one task with its history, and tasks to change."""

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
    Select,
    String,
    Subquery,
    Uuid,
    and_,
    any_,
    bindparam,
    case,
    exists,
    or_,
    select,
    text,
    tuple_,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import aliased

from content_center.queries import contents_by_id
from content_center.queries import last_turn as content_turn
from kit.db import db, fetch_all, fetch_one
from kit.errors import NotFound
from kit.principal import Principal, Reach
from models import Assignment, AssignmentEvent, Staff, Submission
from staff.queries.placements import placed_on
from staff.rules import SELLERS
from staff.scope import sees_guide, sees_store
from tasks.queries.progress import progress

Row = dict[str, Any]
INSTANT = DateTime(timezone=True)
# What is to be done first, what waits for others, what is done, and what can no longer be done.
RANKS = {
    **dict.fromkeys(("returned", "open", "in_progress"), 0),
    "blocked": 1,
    "submitted": 2,
    **dict.fromkeys(("approved", "done"), 3),
    **dict.fromkeys(("expired", "skipped", "cancelled"), 4),
}


class TaskNotFound(NotFound):
    """There is no such task within the principal's scope."""

    code = "task_not_found"


def list_tasks(
    principal: Principal, *, day: date, state: str | None, now: datetime, after: list[Any] | None, limit: int
) -> list[Row]:
    """The principal's own tasks of one business day and those of their stores to claim, in the order to do them."""
    parameters: Row = {"guide_id": principal.id, "store_ids": list(principal.store_ids), "day": day, "now": now}
    parameters |= {"limit": limit, "state": state}
    if after:
        last = {"after_rank": after[0], "after_due_at": datetime.fromisoformat(after[1]), "after_id": UUID(after[2])}
        parameters |= last
    rows = fetch_all(_own_tasks(further=bool(after), narrowed=state is not None), parameters)
    return _with_content(rows, principal, now)


@cache
def _own_tasks(*, further: bool, narrowed: bool) -> Select[Any]:
    own, on_day = bindparam("guide_id", type_=Uuid), bindparam("day", type_=Date)
    mine = or_(Assignment.guide_id == own, _to_claim(own))
    found = progress(Assignment.day == on_day, mine)
    rank = case(RANKS, value=found.c.state)
    order = (rank, found.c.due_at, found.c.id)
    statement = _tasks(found).add_columns(rank.label("rank")).order_by(*order)
    if narrowed:
        statement = statement.where(found.c.state == bindparam("state", type_=String))
    last = (("after_rank", Integer), ("after_due_at", INSTANT), ("after_id", Uuid))
    if further:
        statement = statement.where(tuple_(*order) > tuple_(*(bindparam(name, type_=type_) for name, type_ in last)))
    return statement.limit(bindparam("limit", type_=Integer))


def _to_claim(own: ColumnElement[UUID]) -> ColumnElement[bool]:
    """One free seat of each occasion in the caller's stores where they have none yet."""
    other = aliased(Assignment)
    same = and_(other.occurrence_id == Assignment.occurrence_id, other.day == Assignment.day)
    smaller = exists().where(same, other.seat < Assignment.seat, _is_free(other)).correlate(Assignment)
    mine = exists().where(same, other.guide_id == own).correlate(Assignment)
    in_stores = Assignment.store_id == any_(bindparam("store_ids", type_=ARRAY(Uuid)))
    return and_(in_stores, _is_free(Assignment), ~smaller, ~mine)


def _is_free(one: type[Assignment]) -> ColumnElement[bool]:
    lapsed = and_(one.lease_until < bindparam("now", type_=INSTANT), one.started_at.is_(None))
    return and_(one.seat > 0, one.state == "open", or_(one.guide_id.is_(None), lapsed))


# A deadline lies within its business day or the night after it, wherever on Earth that is.
LAST_DUE = text("""
SELECT max(due_at) FILTER (WHERE due_at < :now) AS due_at, max(opens_at) FILTER (WHERE opens_at < :now) AS opens_at,
       max(lease_until) FILTER (WHERE lease_until < :now) AS lease,
       -- Nobody is told of the facts of these as they come: there are too many of other people's.
       CASE WHEN EXISTS (
         SELECT FROM assignment a JOIN task_plan_version v ON v.id = a.version_id JOIN task_plan p ON p.id = v.plan_id
         WHERE a.guide_id = :guide_id AND a.day BETWEEN :first AND :last
           AND p.kind IN ('recruit', 'follow_up', 'sales_target')
       ) THEN date_trunc('minute', CAST(:now AS timestamptz)) END AS counted
FROM assignment
WHERE (guide_id = :guide_id OR store_id = ANY(:store_ids) AND seat > 0) AND day BETWEEN :first AND :last""")


def last_turn(principal: Principal, now: datetime) -> tuple[Row | None, Row | None]:
    """When one of the principal's tasks last opened, was due, free again, or counted; and a content last changed."""
    near = {"first": now.date() - timedelta(days=2), "last": now.date() + timedelta(days=2)}
    asked = {"guide_id": principal.id, "store_ids": list(principal.store_ids), "now": now, **near}
    return fetch_one(LAST_DUE, asked), content_turn(principal, now)


def get_task(task_id: UUID, *, principal: Principal, now: datetime) -> Row:
    """One task in sight, with its history and what was handed in, oldest first; raises TaskNotFound."""
    task = fetch_one(_tasks(progress(Assignment.id == task_id, in_sight(principal))), {"now": now})
    if task is None:
        raise TaskNotFound
    handed_in = (
        select(Submission.id, Submission.note, Submission.created_at)
        .where(Submission.assignment_id == task_id)
        .order_by(Submission.created_at, Submission.id)
    )
    [whole] = _with_content([task], principal, now)
    return {**whole, "submissions": list(fetch_all(handed_in)), "history": list_events(task_id)}


def in_sight(principal: Principal) -> ColumnElement[bool]:
    """True for the tasks of the guides the principal sees, and for those of their stores that may be claimed."""
    if principal.reach is Reach.SELF:
        to_claim = and_(Assignment.seat > 0, Assignment.state == "open", Assignment.started_at.is_(None))
        return or_(Assignment.guide_id == principal.id, and_(to_claim, sees_store(Assignment.store_id, principal)))
    return sees_guide(Assignment.guide_id, Assignment.store_id, principal)


def list_events(task_id: UUID) -> list[Row]:
    """The steps of a task, oldest first; nobody's (`by` null) are those of the clock, the facts and the placements."""
    by, guide = aliased(Staff), aliased(Staff)
    columns = (
        AssignmentEvent.id,
        AssignmentEvent.command,
        AssignmentEvent.before,
        AssignmentEvent.after,
        AssignmentEvent.reason,
        AssignmentEvent.at,
        AssignmentEvent.captured_at,
    )
    wanted = (
        select(*columns, by.name.label("by"), guide.name.label("guide"))
        .outerjoin(by, by.id == AssignmentEvent.by_id)
        .outerjoin(guide, guide.id == AssignmentEvent.guide_id)
        .where(AssignmentEvent.assignment_id == task_id)
        .order_by(AssignmentEvent.number)
    )
    return list(fetch_all(wanted))


def _tasks(found: Subquery) -> Select[Any]:
    to_do = found.c.state.in_(["open", "in_progress", "returned", "blocked"])
    overdue = to_do & (found.c.due_at < bindparam("now", type_=INSTANT))
    return select(found, overdue.label("overdue"))


def _with_content(tasks: Iterable[Row], principal: Principal, now: datetime) -> list[Row]:
    tasks = list(tasks)
    wanted = {task["content_id"] for task in tasks if task["content_id"]}
    contents = contents_by_id(wanted, principal=principal, now=now)
    return [{**task, "content": contents.get(task["content_id"])} for task in tasks]


def lock_task(task_id: UUID, *, principal: Principal) -> Assignment:
    """A task in sight, locked until the unit of work ends, so that two taps come one by one; raises TaskNotFound."""
    wanted = select(Assignment).where(Assignment.id == task_id, in_sight(principal)).with_for_update()
    task = db.session.scalar(wanted.execution_options(populate_existing=True))
    if task is None:
        raise TaskNotFound
    return task


def read_progress(task_id: UUID) -> Row:
    """One task with what its plan asks, whoever's it is."""
    found = fetch_one(select(progress(Assignment.id == task_id)))
    assert found is not None
    return found


def has_task(task: Assignment, guide_id: UUID) -> bool:
    """Whether somebody has a task of the same occasion."""
    same = (Assignment.occurrence_id == task.occurrence_id) & (Assignment.day == task.day)
    return db.session.scalar(select(Assignment.id).where(same, Assignment.guide_id == guide_id)) is not None


def is_placed(guide_id: UUID, task: Assignment) -> bool:
    """Whether somebody sells in the task's store on its day."""
    return bool(db.session.scalar(select(placed_on(guide_id, task.store_id, task.day, roles=SELLERS))))


def find_event(event_id: UUID) -> AssignmentEvent | None:
    """The step of this id, of any task."""
    return db.session.scalar(select(AssignmentEvent).where(AssignmentEvent.id == event_id))


def find_submission(submission_id: UUID) -> Submission | None:
    """What was handed in under this id."""
    return db.session.get(Submission, submission_id)


def count_handed_in(task_id: UUID) -> int:
    """How many submissions of a task count: those since it was last withdrawn, returned or given to somebody else."""
    return int(db.session.execute(HANDED_IN, {"task_id": task_id}).scalar_one())


# The oracle of `assignment.done`.
HANDED_IN = text("""
SELECT count(*) FROM submission s WHERE s.assignment_id = :task_id AND s.created_at > coalesce((
  SELECT max(at) FROM assignment_event e
  WHERE e.assignment_id = s.assignment_id AND e.command IN ('withdraw', 'return', 'reassign')), '-infinity')""")
