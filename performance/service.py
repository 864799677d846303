"""Rebuilding the figures of days from their facts, and noting which stores' days owe it."""

from collections.abc import Collection
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import (
    CTE,
    ColumnElement,
    FromClause,
    Uuid,
    any_,
    delete,
    func,
    literal,
    or_,
    select,
    true,
    tuple_,
    union,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY, Insert, insert
from sqlalchemy.orm import InstrumentedAttribute

from kit import clock, counters
from kit.db import LONGEST_TRANSACTION, db
from models import ChangesSeen, ClosedDay, GuideDay, OwedDay, RestatedDay
from performance import queries
from performance.queries.figures import KEYS
from performance.queries.opening import NOBODY
from performance.rules import periods

# When so many stores' figures are owed, those of all together are sooner counted.
MANY_STORES = 1_000
# Somebody looked at figures of a day that is not over, within periods.LOOKED.
LOOKS = "figures-looked-at"


def rebuild_days(from_day: date, to_day: date) -> None:
    """Make the stored figures of these business days equal to their facts; rows that already are stay untouched."""
    day = from_day
    while day <= to_day:
        _rebuild(day)
        day += timedelta(days=1)


def rebuild_owed(day: date) -> None:
    """Make the stored figures of the business day equal to their facts at the stores whose facts changed."""
    store_ids = queries.list_owed_stores(day, now=clock.now())
    if store_ids:
        _rebuild(day, store_ids if len(store_ids) < MANY_STORES else None)


def _rebuild(day: date, store_ids: Collection[UUID] | None = None) -> None:
    # Before the facts are read: one that is committed meanwhile makes its store's day stale again, whether read or not.
    # The row's lock also makes two jobs for one day take turns.
    now = clock.now()
    published = _is_published(day)
    closing = insert(ClosedDay).values(day=day, computed_at=now)
    db.session.execute(
        closing.on_conflict_do_update(index_elements=["day"], set_={"computed_at": closing.excluded.computed_at})
    )
    owed = (OwedDay.day == day, _at(OwedDay.store_id, store_ids))
    db.session.execute(update(OwedDay).where(*owed).values(computed_at=now))
    fresh = queries.figures(day, day, store_ids=store_ids).cte("fresh")
    stored = (GuideDay.day == day, _at(GuideDay.store_id, store_ids))
    writing = _write(fresh).add_cte(_remove(fresh, stored))
    db.session.execute(writing.add_cte(_restate(fresh, stored, now=now)) if published else writing)
    settled = OwedDay.computed_at >= OwedDay.changed_at + LONGEST_TRANSACTION
    db.session.execute(delete(OwedDay).where(*owed, settled))


def _at(store_id: InstrumentedAttribute[UUID], store_ids: Collection[UUID] | None) -> ColumnElement[bool]:
    return true() if store_ids is None else store_id == any_(literal(list(store_ids), ARRAY(Uuid)))


def _write(fresh: CTE) -> Insert:
    """Rows that are new or differ; the others are not even locked, which would be written down as well."""
    columns = [fresh.c[name] for name in (*KEYS, *queries.FIGURES)]
    stored = tuple_(*(getattr(GuideDay, figure) for figure in queries.FIGURES))
    computed = tuple_(*(fresh.c[figure] for figure in queries.FIGURES))
    differing = (
        select(*columns)
        .outerjoin(GuideDay, _same(fresh))
        .where(GuideDay.id.is_(None) | stored.is_distinct_from(computed))
    )
    statement = insert(GuideDay).from_select([*KEYS, *queries.FIGURES], differing)
    return statement.on_conflict_do_update(
        index_elements=list(KEYS), set_={figure: statement.excluded[figure] for figure in queries.FIGURES}
    )


def _is_published(day: date) -> bool:
    """Whether figures of the day were computed after it was over: who read them read a closed day."""
    before = db.session.scalar(select(ClosedDay.computed_at).where(ClosedDay.day == day))
    return before is not None and periods.is_over(day, now=before)


def _restate(fresh: CTE, stored: Collection[ColumnElement[bool]], *, now: datetime) -> CTE:
    """Note the stores whose sales of the day differ from what was stored."""
    before = [func.coalesce(getattr(GuideDay, figure), 0) for figure in queries.SETTLED]
    settled = tuple_(*(fresh.c[figure] for figure in queries.SETTLED))
    changed = select(fresh.c.day, fresh.c.store_id, literal(now)).outerjoin(GuideDay, _same(fresh))
    gone = select(GuideDay.day, GuideDay.store_id, literal(now)).where(*stored, ~select(1).where(_same(fresh)).exists())
    found = union(changed.where(settled.is_distinct_from(tuple_(*before))), gone.where(or_(*(b != 0 for b in before))))
    noting = insert(RestatedDay).from_select(["day", "store_id", "restated_at"], found)
    noted = noting.on_conflict_do_update(index_elements=["day", "store_id"], set_={"restated_at": now})
    return noted.cte("restated")


def _remove(fresh: CTE, stored: Collection[ColumnElement[bool]]) -> CTE:
    """What no fact supports any more."""
    supported = select(1).where(_same(fresh))
    return delete(GuideDay).where(*stored, ~supported.exists()).cte("removed")


def _same(fresh: FromClause) -> ColumnElement[bool]:
    # Plain equality, which can be hashed; IS NOT DISTINCT FROM would compare every row with every other.
    same_guide = func.coalesce(GuideDay.guide_id, NOBODY) == func.coalesce(fresh.c.guide_id, NOBODY)
    keys = tuple_(GuideDay.day, GuideDay.store_id, GuideDay.currency)
    return same_guide & (keys == tuple_(fresh.c.day, fresh.c.store_id, fresh.c.currency))


def note_changes(*, now: datetime) -> None:
    """Note whose facts changed and when, by store and day, so that no queued job is the only record of work owed."""
    found = queries.changed_days(since=queries.seen_until()).cte("changes")
    # A fact from a clock that runs ahead counts from now on, not from when we get there.
    columns = (found.c.day, found.c.store_id, func.least(found.c.changed_at, now))
    noting = insert(OwedDay).from_select(
        ["day", "store_id", "changed_at"], select(*columns).order_by(found.c.day, found.c.store_id)
    )
    newest = noting.excluded.changed_at
    noted = noting.on_conflict_do_update(
        index_elements=["day", "store_id"], set_={"changed_at": newest}, where=OwedDay.changed_at < newest
    )
    # Where there was nothing, there is nothing to remember: the next look begins where this one did.
    if db.session.scalar(select(func.count()).select_from(found).add_cte(noted.cte("noted"))):
        seen = insert(ChangesSeen).values(id="figures", until=now)
        db.session.execute(seen.on_conflict_do_update(index_elements=["id"], set_={"until": now}))


def note_look() -> None:
    """Let figures of days that are not over follow their facts closely for a while: somebody looks at them."""
    counters.add(LOOKS, window_seconds=int(periods.LOOKED.total_seconds()))


def list_due_days(*, now: datetime) -> list[date]:
    """The days of which some store's figures are owed, and may not wait."""
    looked_at = counters.read(LOOKS) > 0
    stale = queries.list_stale_days(now=now)
    return [
        owed.day
        for owed in stale
        if not periods.may_wait(owed.day, computed_at=owed.computed_at, looked_at=looked_at, now=now)
    ]
