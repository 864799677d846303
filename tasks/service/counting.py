"""Tasks that facts complete are stored as done, and as undone again, set-wise."""

from datetime import datetime, timedelta

from sqlalchemy import CTE, ColumnElement, Date, Insert, Uuid, cast, func, insert, literal, select, tuple_, update
from sqlalchemy.dialects.postgresql import ARRAY

from kit.db import db
from models import Assignment, AssignmentEvent
from tasks.queries.facts import read_changed
from tasks.queries.progress import progress

# Facts show a while after they bear their instant.
LOOKED_BACK = timedelta(minutes=20)
# A day begins and ends at other times elsewhere, and some deadlines lie in the night after it.
NEXT_TO = timedelta(days=1)


def recount(*conditions: ColumnElement[bool], now: datetime) -> None:
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
    """The same of those whose facts changed lately, on those days and next to them; of nobody else."""
    changed = read_changed(since=now - LOOKED_BACK)
    if changed:
        pairs = {(guide_id, day + NEXT_TO * step) for guide_id, day in changed for step in (-1, 0, 1)}
        guides, days = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
        of_them = (
            func.unnest(cast(guides, ARRAY(Uuid)), cast(days, ARRAY(Date)))
            .table_valued("guide_id", "day")
            .render_derived()
        )
        recount(tuple_(Assignment.guide_id, Assignment.day).in_(select(of_them.c.guide_id, of_them.c.day)), now=now)
