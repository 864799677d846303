"""Rebuilding the figures of days from their facts, and noting which days owe it."""

from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import CTE, delete, func, select, tuple_
from sqlalchemy.dialects.postgresql import Insert, insert

from kit import clock
from kit.db import db
from models import ClosedDay, GuideDay
from performance import queries
from performance.queries.figures import KEYS

# Stands for the guide that a row without one does not have.
NOBODY = UUID(int=0)


def rebuild_days(from_day: date, to_day: date) -> None:
    """Make the stored figures of these business days equal to their facts; rows that already are stay untouched."""
    day = from_day
    while day <= to_day:
        _rebuild(day)
        day += timedelta(days=1)


def _rebuild(day: date) -> None:
    # Before the facts are read: one that is committed meanwhile makes the day stale again, whether read or not.
    # The row's lock also makes two jobs for one day take turns.
    closing = insert(ClosedDay).values(day=day, computed_at=clock.now())
    db.session.execute(
        closing.on_conflict_do_update(index_elements=["day"], set_={"computed_at": closing.excluded.computed_at})
    )
    fresh = queries.figures(day, day).cte("fresh")
    db.session.execute(_write(fresh).add_cte(_remove(day, fresh)))


def _write(fresh: CTE) -> Insert:
    statement = insert(GuideDay).from_select([*KEYS, *queries.FIGURES], select(fresh))
    stored = tuple_(*(getattr(GuideDay, figure) for figure in queries.FIGURES))
    computed = tuple_(*(statement.excluded[figure] for figure in queries.FIGURES))
    return statement.on_conflict_do_update(
        index_elements=list(KEYS),
        set_={figure: statement.excluded[figure] for figure in queries.FIGURES},
        where=stored.is_distinct_from(computed),
    )


def _remove(day: date, fresh: CTE) -> CTE:
    """What no fact supports any more."""
    # Plain equality, which can be hashed; IS NOT DISTINCT FROM would compare every row with every other.
    same = (getattr(GuideDay, key) == fresh.c[key] for key in KEYS if key != "guide_id")
    same_guide = func.coalesce(GuideDay.guide_id, NOBODY) == func.coalesce(fresh.c.guide_id, NOBODY)
    supported = select(1).where(*same, same_guide)
    return delete(GuideDay).where(GuideDay.day == day, ~supported.exists()).cte("removed")


def note_changes(*, now: datetime) -> None:
    """Note on every day when its facts last changed, so that no queued job is the only record of work owed."""
    changes = queries.changed_days(since=queries.seen_until()).subquery("changes")
    # A fact from a clock that runs ahead counts from now on, not from when we get there.
    found = select(changes.c.day, func.least(changes.c.changed_at, now)).order_by(changes.c.day)
    noting = insert(ClosedDay).from_select(["day", "changed_at"], found)
    newest = noting.excluded.changed_at
    db.session.execute(
        noting.on_conflict_do_update(
            index_elements=["day"],
            set_={"changed_at": newest},
            where=func.coalesce(ClosedDay.changed_at < newest, True),
        )
    )
