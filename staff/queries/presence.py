"""Who is present where, with how many minutes, on which day: one statement that other rooms join."""

from collections.abc import Collection
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Date,
    Integer,
    Select,
    Subquery,
    and_,
    case,
    cast,
    exists,
    func,
    or_,
    select,
)

from models import Placement, RosterDay, Store
from staff.rules.placements import FULL_TIME_BP
from staff.rules.roster import AT_WORK

Bound = date | BindParameter[date]
Stores = Collection[UUID] | Select[UUID]


def presence(first: Bound, last: Bound, *, stores: Stores | None = None) -> Select[Any]:
    """A row per day from `first` to `last`, store and person placed there: whether they are in, and for how long.

    Columns: `day`, `store_id`, `staff_id`, `is_guide`, `is_manager`, `is_cover`, `kind` (rules.roster.PRESENCES),
    `is_present`, `minutes`, `roster` (rules.roster.ROSTERS). `stores` narrows it; the bounds may be parameters of the
    statement that this becomes a part of.

    A store's day has a roster as soon as somebody is to work or train there: then those are in whom it has at work,
    with its minutes. Without one, present = placed, with the store's normal minutes × `fte_bp`, but for those who are
    lent to another store that day, and those who are on leave or off.
    """
    held = _held(first, last, stores)
    normal = (held.c.normal_minutes * held.c.fte_bp + FULL_TIME_BP // 2) // FULL_TIME_BP
    kind = case(
        (held.c.said_kind.is_not(None), held.c.said_kind),
        (held.c.is_on_leave, "leave"),
        (and_(held.c.is_lent, ~held.c.is_cover), "lent"),
        (held.c.has_workers.is_(True), "unplanned"),
        else_="work",
    )
    minutes = case((held.c.said_kind.is_not(None), held.c.said_minutes), (kind == "work", normal), else_=0)
    known = case((held.c.has_workers.is_(True), "full"), (held.c.has_workers.is_(False), "absences"), else_="none")
    who = (held.c.day, held.c.store_id, held.c.staff_id, held.c.is_guide, held.c.is_manager, held.c.is_cover)
    told = (kind.label("kind"), (kind == "work").label("is_present"), minutes.label("minutes"), known.label("roster"))
    return select(*who, *told)


def _held(first: Bound, last: Bound, stores: Stores | None) -> Subquery:
    """Those who are placed, with what is said of their day and of the store's."""
    placed, rosters = _placed(first, last, stores), _rosters(first, last, stores)
    days = _days(first, last)
    leave = exists().where(
        RosterDay.day == placed.c.day, RosterDay.staff_id == placed.c.staff_id, RosterDay.kind == "leave",
        *_within(first, last),
    )  # fmt: skip
    covers = select(1).select_from(days.join(Placement, _holds(days.c.day, first, last)))
    lent = covers.where(
        Placement.kind == "cover", Placement.staff_id == placed.c.staff_id, days.c.day == placed.c.day
    ).exists()
    said = select(RosterDay).where(*_within(first, last), *_of(RosterDay.store_id, stores)).subquery("said")
    same = and_(said.c.day == placed.c.day, said.c.store_id == placed.c.store_id, said.c.staff_id == placed.c.staff_id)
    at = and_(rosters.c.day == placed.c.day, rosters.c.store_id == placed.c.store_id)
    return (
        select(
            placed,
            *(Store.normal_minutes, said.c.kind.label("said_kind"), said.c.minutes.label("said_minutes")),
            *(rosters.c.has_workers, leave.label("is_on_leave"), lent.label("is_lent")),
        )
        .select_from(placed.join(Store, Store.id == placed.c.store_id).outerjoin(said, same).outerjoin(rosters, at))
        # Asked once a row, however often the answer is read.
        .offset(0)
        .subquery("held")
    )


def _placed(first: Bound, last: Bound, stores: Stores | None) -> Subquery:
    """Those who are placed in a store on a day: in one role, or in two of them."""
    days = _days(first, last)
    return (
        select(
            *(days.c.day, Placement.store_id, Placement.staff_id),
            func.bool_or(Placement.role == "guide").label("is_guide"),
            func.bool_or(Placement.role == "store_manager").label("is_manager"),
            func.bool_or(Placement.kind == "cover").label("is_cover"),
            cast(func.least(func.sum(Placement.fte_bp), FULL_TIME_BP), Integer).label("fte_bp"),
        )
        .select_from(days.join(Placement, _holds(days.c.day, first, last)))
        .where(*_of(Placement.store_id, stores))
        .group_by(days.c.day, Placement.store_id, Placement.staff_id)
        .subquery("placed")
    )


def _rosters(first: Bound, last: Bound, stores: Stores | None) -> Subquery:
    """The days of stores of which a roster says something."""
    keys = (RosterDay.day, RosterDay.store_id)
    has_workers = func.bool_or(RosterDay.kind.in_(AT_WORK)).label("has_workers")
    wanted = select(*keys, has_workers).where(*_within(first, last), *_of(RosterDay.store_id, stores))
    return wanted.group_by(*keys).subquery("rosters")


def _days(first: Bound, last: Bound) -> Any:
    """The days from `first` to `last`, as many as PostgreSQL expects, too."""
    begin, end = _bound(first), _bound(last)
    step = func.generate_series(0, end - begin).table_valued("step").render_derived("steps")
    return select((begin + step.c.step).label("day")).subquery("days")


def _holds(day: ColumnElement[date], first: Bound, last: Bound) -> ColumnElement[bool]:
    """True for placements that include the day, which lies between the bounds: an index knows the bounds."""
    open_or = Placement.last_day.is_(None)
    return and_(
        *(Placement.first_day <= day, or_(open_or, Placement.last_day >= day)),
        *(Placement.first_day <= _bound(last), or_(open_or, Placement.last_day >= _bound(first))),
    )


def _within(first: Bound, last: Bound) -> tuple[ColumnElement[bool], ...]:
    return RosterDay.day >= _bound(first), RosterDay.day <= _bound(last)


def _of(store_id: Any, stores: Stores | None) -> tuple[ColumnElement[bool], ...]:
    return () if stores is None else (store_id.in_(stores),)


def _bound(day: Bound) -> ColumnElement[date]:
    return cast(day, Date)
