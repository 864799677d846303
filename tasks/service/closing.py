"""Tasks whose time is over are closed, as their plan says."""

from datetime import datetime, timedelta

from sqlalchemy import text

from kit.db import db
from models import Assignment
from tasks.service.counting import recount

# Tasks this old are left as they are; before that some run has seen them.
LOOKED_BACK = timedelta(days=3)

_OVER = """
  a.day BETWEEN :first AND :last AND a.state IN ('open', 'in_progress', 'returned', 'blocked') AND a.due_at <= :now
  AND (v.late = 'close_at_due' OR v.late = 'until_next' AND EXISTS (
    SELECT FROM task_occurrence o WHERE o.plan_id = v.plan_id AND o.store_id = a.store_id AND o.opens_at <= :now
       AND (o.day, o.slot) > (SELECT h.day, h.slot FROM task_occurrence h
                              WHERE (h.id, h.day) = (a.occurrence_id, a.day))))"""
OVER = text(f"SELECT a.id FROM assignment a JOIN task_plan_version v ON v.id = a.version_id WHERE {_OVER}")  # noqa: S608
CLOSE = text("""
WITH held AS (
  SELECT id, day, state FROM assignment
  WHERE id = ANY(:ids) AND day BETWEEN :first AND :last AND state IN ('open', 'in_progress', 'returned', 'blocked')
  FOR UPDATE
), closed AS (
  UPDATE assignment a SET changed_at = :now,
    state = CASE WHEN held.state = 'open' THEN 'skipped' ELSE 'expired' END
  FROM held WHERE (a.id, a.day) = (held.id, held.day)
  RETURNING a.id, a.day, a.guide_id, held.state AS before, a.state AS after
)
INSERT INTO assignment_event (id, day, assignment_id, command, before, after, guide_id, at)
SELECT uuid7(), day, id, 'close', before, after, guide_id, :now FROM closed""")


def close_due(*, now: datetime) -> int:
    """Close what is past its deadline and may not be done late; how many tasks that were.

    What facts have completed by now is stored as done before.
    """
    days = {"first": (now - LOOKED_BACK).date(), "last": (now + timedelta(days=1)).date(), "now": now}
    ids = list(db.session.scalars(OVER, days))
    if ids:
        recount(Assignment.id.in_(ids), now=now)
        db.session.execute(CLOSE, {**days, "ids": ids})
    return len(ids)
