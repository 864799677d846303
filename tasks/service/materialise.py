"""Plans become tasks: set-wise, over a window of days that moves on, never twice, by shards of stores."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, func, or_, select, text
from sqlalchemy.orm import InstrumentedAttribute

from kit import clock
from kit.db import db
from models import TaskPlan, TaskPlanStore, TaskPlanVersion
from staff.queries.calendars import read_calendar
from staff.rules.calendar import WORKING
from tasks.queries.people import PRESENT, TAKES, read_present
from tasks.queries.plans import Spot, list_spots
from tasks.rules.schedule import FARTHEST_SHIFT, Schedule, dates_of, window_of

# So many days from today on have their tasks.
WINDOW = timedelta(days=2)
# A chain's stores are worked on in so many parts.
SHARDS = 16
# A plan of no more stores than this is worked on as a whole.
WHOLE = 500
ALL_SHARDS = tuple(range(SHARDS))
_OF_SHARD = f"get_byte(uuid_send(s.id), 15) % {SHARDS} = ANY(:shards)"

# Stores of a plan by its audience, as it is today: those that opened since, too.
PUT_STORES = text(f"""
INSERT INTO task_plan_store (plan_id, store_id, created_at)
SELECT p.id, s.id, p.created_at
FROM task_plan p JOIN task_plan_version v ON (v.plan_id, v.number) = (p.id, p.number)
JOIN store s ON (cardinality(v.region_ids) + cardinality(v.store_ids) = 0 OR s.id = ANY(v.store_ids)
                 OR EXISTS (SELECT FROM region r WHERE r.id = s.region_id AND r.ancestor_ids && v.region_ids))
  AND (v.store_tags = '{{}}' OR s.tags && v.store_tags)
  AND (p.owner_store_id IS NULL OR s.id = p.owner_store_id)
  AND (p.owner_region_id IS NULL OR EXISTS (
    SELECT FROM region r WHERE r.id = s.region_id AND p.owner_region_id = ANY(r.ancestor_ids)))
WHERE p.id = :plan_id AND {_OF_SHARD}
ON CONFLICT DO NOTHING""")  # noqa: S608 - built from constants
DROP_STORES = text("DELETE FROM task_plan_store WHERE plan_id = :plan_id")
PUT_OCCURRENCES = text(f"""
INSERT INTO task_occurrence (id, day, plan_id, version_id, store_id, slot, opens_at, due_at)
SELECT uuid7(), w.day, :plan_id, :version_id, s.id, w.slot, greatest(w.opens_at, :published_at), w.due_at
FROM task_plan_store t JOIN store s ON s.id = t.store_id
JOIN unnest(CAST(:countries AS text[]), CAST(:zones AS text[]), CAST(:days AS date[]), CAST(:slots AS int[]),
            CAST(:opens AS timestamptz[]), CAST(:dues AS timestamptz[]))
  AS w (country, time_zone, day, slot, opens_at, due_at) ON (w.country, w.time_zone) = (s.country, s.time_zone)
WHERE t.plan_id = :plan_id AND {_OF_SHARD} AND w.day >= s.opened_on AND (s.closed_on IS NULL OR w.day <= s.closed_on)
  AND w.due_at > greatest(CAST(:now AS timestamptz), :published_at)
ON CONFLICT (plan_id, store_id, day, slot) DO NOTHING""")  # noqa: S608 - built from constants
_OPEN = f"""
wanted AS (
  SELECT o.id, o.day, o.store_id, o.version_id, o.opens_at, o.due_at
  FROM task_occurrence o JOIN store s ON s.id = o.store_id
  WHERE o.plan_id = :plan_id AND o.day BETWEEN :first AND :last AND o.due_at > :now AND {_OF_SHARD}
), {PRESENT}"""  # noqa: S608 - built from constants
PUT_OF_EACH = text(f"""
WITH {_OPEN}, given_on AS (
  SELECT a.occurrence_id, e.guide_id
  FROM assignment_event e JOIN assignment a ON (a.id, a.day) = (e.assignment_id, e.day)
  WHERE e.command = 'reassign' AND e.day BETWEEN :first AND :last
)
INSERT INTO assignment
  (id, day, occurrence_id, version_id, store_id, guide_id, opens_at, due_at, changed_at, target, state)
SELECT uuid7(), o.day, o.id, o.version_id, o.store_id, w.staff_id, o.opens_at, o.due_at, :now, v.target_count, 'open'
FROM wanted o JOIN task_plan_version v ON v.id = o.version_id
JOIN present w ON (w.store_id, w.day) = (o.store_id, o.day) AND {TAKES}
WHERE v.share = 'each' AND NOT EXISTS (
  SELECT FROM given_on g WHERE (g.occurrence_id, g.guide_id) = (o.id, w.staff_id))
ON CONFLICT (occurrence_id, guide_id, day) DO NOTHING""")  # noqa: S608 - built from constants
PUT_SEATS = text(f"""
INSERT INTO assignment
  (id, day, occurrence_id, version_id, store_id, seat, opens_at, due_at, changed_at, target, state)
SELECT uuid7(), o.day, o.id, o.version_id, o.store_id, seat, o.opens_at, o.due_at, :now, v.target_count, 'open'
FROM task_occurrence o JOIN store s ON s.id = o.store_id JOIN task_plan_version v ON v.id = o.version_id
CROSS JOIN LATERAL generate_series(1, coalesce(v.share_count, 1)) AS seat
WHERE o.plan_id = :plan_id AND o.day BETWEEN :first AND :last AND o.due_at > :now AND v.share <> 'each' AND {_OF_SHARD}
ON CONFLICT (occurrence_id, seat, day) WHERE seat > 0 DO NOTHING""")  # noqa: S608 - built from constants
# Why somebody has the task no longer: they left, are on leave or off, or are elsewhere that day.
TAKE_AWAY = text(f"""
WITH {_OPEN}, gone AS (
  UPDATE assignment a SET state = 'cancelled', changed_at = :now, reason =
    CASE WHEN EXISTS (SELECT FROM staff p WHERE p.id = a.guide_id AND p.left_on < a.day) THEN 'left'
         WHEN EXISTS (SELECT FROM present w WHERE (w.store_id, w.day, w.staff_id) = (a.store_id, a.day, a.guide_id)
                      AND w.is_absent) THEN 'off_roster' ELSE 'moved' END
  FROM wanted o JOIN task_plan_version v ON v.id = o.version_id
  WHERE (a.occurrence_id, a.day) = (o.id, o.day) AND a.state = 'open' AND a.started_at IS NULL AND a.seat = 0
    AND NOT EXISTS (SELECT FROM present w WHERE (w.store_id, w.day, w.staff_id) = (a.store_id, a.day, a.guide_id)
                    AND {TAKES})
  RETURNING a.id, a.day, a.guide_id, a.reason
)
INSERT INTO assignment_event (id, day, assignment_id, command, before, after, guide_id, reason, at)
SELECT uuid7(), day, id, 'take_away', 'open', 'cancelled', guide_id, reason, :now FROM gone""")  # noqa: S608
REJOIN = text(f"""
WITH {_OPEN}, back AS (
  UPDATE assignment a SET state = 'open', changed_at = :now, reason = NULL
  FROM wanted o JOIN task_plan_version v ON v.id = o.version_id
  JOIN present w ON (w.store_id, w.day) = (o.store_id, o.day) AND {TAKES}
  WHERE (a.occurrence_id, a.day, a.guide_id) = (o.id, o.day, w.staff_id)
    AND a.state = 'cancelled' AND a.reason IN ('left', 'moved', 'off_roster') AND a.seat = 0 AND NOT EXISTS (
      SELECT FROM assignment_event e WHERE (e.assignment_id, e.day) = (a.id, a.day) AND e.command = 'cancel')
  RETURNING a.id, a.day, a.guide_id
)
INSERT INTO assignment_event (id, day, assignment_id, command, before, after, guide_id, at)
SELECT uuid7(), day, id, 'rejoin', 'cancelled', 'open', guide_id, :now FROM back""")  # noqa: S608
# What has not opened takes the newest version: it is made anew.
FORGET_UNOPENED = text("""
WITH gone AS (
  DELETE FROM assignment a USING task_occurrence o
  WHERE (a.occurrence_id, a.day) = (o.id, o.day) AND o.plan_id = :plan_id AND o.opens_at > :now AND a.state = 'open'
    AND a.started_at IS NULL AND NOT EXISTS (
      SELECT FROM assignment_event e WHERE (e.assignment_id, e.day) = (a.id, a.day))
)
SELECT""")
FORGET_OCCASIONS = text("""
DELETE FROM task_occurrence o WHERE o.plan_id = :plan_id AND o.opens_at > :now AND NOT EXISTS (
  SELECT FROM assignment a WHERE (a.occurrence_id, a.day) = (o.id, o.day))""")


class Window(NamedTuple):
    """From when to when a slot of a plan lasts on a day, in stores of one kind."""

    spot: Spot
    day: date
    slot: int
    opens_at: datetime
    due_at: datetime


def schedule_of(version: TaskPlanVersion) -> Schedule:
    """When a version takes place."""
    slots = tuple((slot["opens"], slot["due"]) for slot in version.slots)
    return Schedule(
        first_day=version.first_day,
        rrule=version.rrule,
        except_days=tuple(version.except_days),
        holidays=version.holidays,
        slots=slots,
    )


def windows_of(schedule: Schedule, spots: Sequence[Spot], *, first: date, last: date) -> list[Window]:
    """When a plan is open in each kind of store, on its days from `first` to `last`."""
    return [window for spot in spots for window in _windows(schedule, spot, first=first, last=last)]


def _windows(schedule: Schedule, spot: Spot, *, first: date, last: date) -> Iterator[Window]:
    margin = timedelta(days=2 * FARTHEST_SHIFT)
    told = read_calendar(spot.country, first=first - margin, last=last + margin).days
    off = {day.day for day in told if day.kind not in WORKING}
    # A plan for one day may lie far from here: its day is what it is.
    for day in dates_of(schedule, first=first, last=last, is_holiday=off.__contains__):
        for number, slot in enumerate(schedule.slots):
            opens, due = window_of(day, slot, spot.time_zone)
            if opens < due:
                yield Window(spot, day, number, opens, due)


def reach_stores(plan_id: UUID, *, shards: Sequence[int] = ALL_SHARDS, anew: bool = False) -> None:
    """Note which stores a plan reaches now; those that it no longer means only where it is said `anew`."""
    if anew:
        db.session.execute(DROP_STORES, {"plan_id": plan_id})
    db.session.execute(PUT_STORES, {"plan_id": plan_id, "shards": list(shards)})


def materialise(plan: TaskPlan, version: TaskPlanVersion, *, now: datetime, shards: Sequence[int] = ALL_SHARDS) -> None:
    """Make the tasks of a published plan for the days of the window that are missing, and let them follow placements.

    Who came since gets theirs, who is elsewhere loses what they have not begun. Safe to run again, and at once.
    """
    spots = list_spots(plan.id)
    if not spots or plan.published_at is None:
        return
    todays = [clock.business_day(now, spot.time_zone) for spot in spots]
    first, last = min(todays), max(todays) + WINDOW
    asked: dict[str, Any] = {"plan_id": plan.id, "shards": list(shards), "now": now, "first": first, "last": last}
    reach_stores(plan.id, shards=shards)
    found = windows_of(schedule_of(version), spots, first=first, last=last)
    db.session.execute(PUT_OCCURRENCES, {**asked, **_columns(found), **_said(plan, version)})
    db.session.execute(PUT_SEATS, asked)
    asked |= read_present(plan.id, first=first, last=last, of_shard=_is_of(TaskPlanStore.store_id, shards))
    for statement in (TAKE_AWAY, REJOIN, PUT_OF_EACH):
        db.session.execute(statement, asked)


def _is_of(store_id: ColumnElement[UUID] | InstrumentedAttribute[UUID], shards: Sequence[int]) -> ColumnElement[bool]:
    """True for the stores of these shards, as _OF_SHARD says it of `s`."""
    return (func.get_byte(func.uuid_send(store_id), 15) % SHARDS).in_(shards)


def _said(plan: TaskPlan, version: TaskPlanVersion) -> dict[str, Any]:
    return {"version_id": version.id, "published_at": plan.published_at}


def _columns(windows: Sequence[Window]) -> dict[str, list[Any]]:
    return {
        "countries": [one.spot.country for one in windows],
        "zones": [one.spot.time_zone for one in windows],
        "days": [one.day for one in windows],
        "slots": [one.slot for one in windows],
        "opens": [one.opens_at for one in windows],
        "dues": [one.due_at for one in windows],
    }


def forget_unopened(plan_id: UUID, *, now: datetime) -> None:
    """Take back the occasions of a plan that have not opened and nobody has touched."""
    db.session.execute(FORGET_UNOPENED, {"plan_id": plan_id, "now": now})
    db.session.execute(FORGET_OCCASIONS, {"plan_id": plan_id, "now": now})


def list_published(*, now: datetime) -> dict[UUID, int]:
    """The plans that are to have their tasks, with how many stores each reaches."""
    stores = select(func.count()).where(TaskPlanStore.plan_id == TaskPlan.id).correlate(TaskPlan).scalar_subquery()
    same = (TaskPlanVersion.plan_id == TaskPlan.id) & (TaskPlanVersion.number == TaskPlan.number)
    goes_on = or_(TaskPlanVersion.last_day.is_(None), TaskPlanVersion.last_day >= now.date() - timedelta(days=1))
    wanted = select(TaskPlan.id, stores).join(TaskPlanVersion, same).where(TaskPlan.state == "published", goes_on)
    return {plan_id: count for plan_id, count in db.session.execute(wanted)}  # noqa: C416 - dict() defeats mypy


def materialise_plan(plan_id: UUID, *, shard: int | None, now: datetime) -> None:
    """The same by id, of one shard of the stores or all; of a plan that is not published, nothing."""
    wanted = select(TaskPlan).where(TaskPlan.id == plan_id, TaskPlan.state == "published")
    plan = db.session.scalar(wanted.with_for_update(read=True, key_share=False))
    if plan is not None:
        same = (TaskPlanVersion.plan_id == plan.id) & (TaskPlanVersion.number == plan.number)
        version = db.session.scalars(select(TaskPlanVersion).where(same)).one()
        materialise(plan, version, now=now, shards=ALL_SHARDS if shard is None else (shard,))


def add_months(*, now: datetime) -> None:
    """Make the partitions of this month and the next three, if they are missing."""
    months = (now.date().replace(day=1) + timedelta(days=31 * n) for n in range(4))
    for month in months:
        for whole in ("task_occurrence", "assignment", "assignment_event"):
            db.session.execute(select(func.add_month(whole, month.replace(day=1))))
