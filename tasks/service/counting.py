"""Tasks that facts complete are stored as done, and as undone again, set-wise."""

from datetime import datetime, timedelta

from sqlalchemy import CTE, ColumnElement, Insert, func, insert, literal, select, update

from kit.db import db
from models import Assignment, AssignmentEvent, Forward, ForwardConfirmation, ForwardKey
from tasks.queries.progress import progress

# Facts show a while after they bear their instant, and tasks of yesterday may still be counting.
LOOKED_BACK = timedelta(minutes=20)
COUNTING = timedelta(days=2)


def reached_storesed(*conditions: ColumnElement[bool], now: datetime) -> None:
    """Let what is stored of these tasks say what their facts say now, with a step in the history of each change."""
    found = progress(*conditions)
    changed = (
        select(found.c.id, found.c.day, found.c.stored, found.c.state)
        .where(found.c.is_counted, found.c.state != found.c.stored)
        .subquery("changed")
    )
    same = (Assignment.id == changed.c.id) & (Assignment.day == changed.c.day) & (Assignment.state == changed.c.stored)
    moved = (
        update(Assignment)
        .where(same)
        .values(state=changed.c.state, changed_at=now)
        .returning(Assignment.id, Assignment.day, Assignment.guide_id, changed.c.stored, changed.c.state)
        .execution_options(synchronize_session=False)
        .cte("moved")
    )
    db.session.execute(_steps(moved, now))


def _steps(moved: CTE, now: datetime) -> Insert:
    columns = moved.c
    command = func.replace(func.replace(columns.state, "done", "finish"), "in_progress", "undo")
    steps = select(
        func.uuid7(),
        columns.day,
        columns.id,
        command,
        columns.stored,
        columns.state,
        columns.guide_id,
        literal(now),
    )
    names = ("id", "day", "assignment_id", "command", "before", "after", "guide_id", "at")
    return insert(AssignmentEvent).from_select(names, steps, include_defaults=False)


def count_recent(*, now: datetime) -> None:
    """The same of whoever forwarded something lately; nothing is read of those who did not."""
    sent = (
        select(Forward.guide_id)
        .join(ForwardKey, (ForwardKey.id == Forward.id) & (ForwardKey.created_at == Forward.created_at))
        .join(ForwardConfirmation, ForwardConfirmation.forward_id == ForwardKey.id)
        .where(ForwardConfirmation.created_at >= now - LOOKED_BACK)
    )
    guides = list(db.session.scalars(sent.distinct()))
    if guides:
        days = Assignment.day.between((now - COUNTING).date(), (now + COUNTING).date())
        reached_storesed(Assignment.guide_id.in_(guides), days, now=now)
