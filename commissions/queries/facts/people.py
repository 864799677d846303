"""Who worked where in a period: roles, grades, minutes, days placed, and the month of employment."""

from datetime import date, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Select, and_, func, select

from commissions.queries.facts.names import of_person, of_region, of_store
from commissions.queries.facts.scope import Span, stores_of
from commissions.rules.language.facts import Person, Reading, StoreFact
from commissions.rules.pay.periods import Days
from kit.db import db
from models import Placement, Region, Staff, Store

# What a whole day placed counts where no roster says more.
DAY_MINUTES = 480
WHOLE_BP = 10_000


class Placed(NamedTuple):
    """Everybody at the stores of a period, and the ids behind their names."""

    people: list[Person]
    stores: list[StoreFact]
    days_worked: list[Reading]
    staff_ids: dict[str, UUID]
    store_ids: dict[str, UUID]


def list_placed(span: Span) -> Placed:
    """The people placed at the stores of the period, those at home first, with the stores and regions."""
    found = Placed([], [], [], {}, {})
    for row in db.session.execute(_stores(span)):
        name = of_store(row.code)
        found.stores.append(StoreFact(code=name, region=of_region(row.region), tags=tuple(row.tags)))
        found.store_ids[name] = row.id
    days: dict[str, int] = {}
    for row in db.session.execute(_placements(span)):
        name = of_person(row.staff_no)
        placed = _days_placed(row, span.days)
        found.people.append(_person(row, name, placed, span.days))
        found.staff_ids[name] = row.id
        days[name] = min(placed + days.get(name, 0), _length(span.days))
    _add_regional_managers(found, span)
    found.days_worked.extend(Reading(subject=name, metric="days_worked", numerator=n) for name, n in days.items())
    return found


def _stores(span: Span) -> Select[*tuple[Any, ...]]:
    columns = (Store.id, Store.code, Store.tags, Region.code.label("region"))
    return select(*columns).join(Region, Region.id == Store.region_id).where(stores_of(span)).order_by(Store.code)


def _placements(span: Span) -> Select[*tuple[Any, ...]]:
    columns = (
        Staff.id, Staff.staff_no, Staff.hired_on, Store.code.label("store"), Placement.role, Placement.grade,
        Placement.fte_bp, Placement.first_day, Placement.last_day,
    )  # fmt: skip
    overlaps = and_(
        Placement.first_day <= span.days.last, func.coalesce(Placement.last_day, span.days.last) >= span.days.first
    )
    return (
        select(*columns)
        .join(Placement, Placement.staff_id == Staff.id)
        .join(Store, Store.id == Placement.store_id)
        .where(stores_of(span), overlaps, Placement.role.in_(("guide", "store_manager")))
        .order_by(Staff.staff_no, Placement.kind.desc(), Placement.first_day.desc(), Placement.role)
    )


def _person(row: Any, name: str, placed: int, days: Days) -> Person:
    return Person(
        staff_no=name,
        store=of_store(row.store),
        role=row.role,
        grade=row.grade,
        minutes=placed * DAY_MINUTES * row.fte_bp // WHOLE_BP,
        days_placed=placed,
        month=_month_of_employment(row.hired_on, days.first),
    )


def _add_regional_managers(found: Placed, span: Span) -> None:
    """They have a region and no store: they stand in one of their own in it, which sells nothing."""
    wanted = select(Staff.id, Staff.staff_no, Region.code).join(Region, Region.id == Staff.region_id)
    employed = and_(Staff.hired_on <= span.days.last, func.coalesce(Staff.left_on, span.days.last) >= span.days.first)
    for staff_id, staff_no, code in db.session.execute(
        wanted.where(Staff.roles.contains(["regional_manager"]), employed).order_by(Staff.staff_no)
    ):
        name = of_person(staff_no)
        desk = f"{of_region(code)}/{staff_no}"
        found.stores.append(StoreFact(code=desk, region=of_region(code)))
        found.people.append(Person(staff_no=name, store=desk, role="regional_manager"))
        found.staff_ids[name] = staff_id


def _days_placed(row: Any, days: Days) -> int:
    last = days.last if row.last_day is None else min(row.last_day, days.last)
    worked: timedelta = last - max(row.first_day, days.first)
    return worked.days + 1


def _length(days: Days) -> int:
    return (days.last - days.first).days + 1


def _month_of_employment(hired_on: date, first: date) -> int:
    """Counted from 1; who comes within a period has their first month in it."""
    return max(1, (first.year - hired_on.year) * 12 + first.month - hired_on.month + 1)
