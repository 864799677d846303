"""Who worked where in a period: roles, grades, minutes, days placed and worked, and the month of employment."""

from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Integer, Select, and_, cast, func, select

from commissions.queries.facts.names import of_person, of_region, of_store
from commissions.queries.facts.scope import Span, stores_of
from commissions.rules.language.facts import Person, Reading, StoreFact
from commissions.rules.pay.periods import Days
from kit.db import db
from models import Placement, Region, Staff, Store
from staff.queries.presence import presence


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
    for row in db.session.execute(_worked(span)):
        name = of_person(row.staff_no)
        found.staff_ids[name] = row.id
        days[name] = days.get(name, 0) + row.days_present
        roles = (("guide", row.as_guide), ("store_manager", row.as_manager))
        found.people.extend(_person(row, name, role, placed, span.days) for role, placed in roles if placed)
    _add_regional_managers(found, span)
    found.days_worked.extend(Reading(subject=name, metric="days_worked", numerator=n) for name, n in days.items())
    return found


def _stores(span: Span) -> Select[*tuple[Any, ...]]:
    columns = (Store.id, Store.code, Store.tags, Region.code.label("region"))
    return select(*columns).join(Region, Region.id == Store.region_id).where(stores_of(span)).order_by(Store.code)


def _worked(span: Span) -> Select[*tuple[Any, ...]]:
    """Each person with the days and minutes in each store, that of the most days first."""
    held = presence(*span.days, stores=select(Store.id).where(stores_of(span))).subquery("held")
    grade = (
        select(Placement.grade)
        .where(Placement.staff_id == held.c.staff_id, Placement.store_id == held.c.store_id)
        .where(Placement.first_day <= span.days.last)
        .order_by(Placement.kind.desc(), Placement.first_day.desc())
        .limit(1)
        .scalar_subquery()
    )
    columns = (
        Staff.id, Staff.staff_no, Staff.hired_on, Store.code.label("store"), func.min(grade).label("grade"),
        func.count().filter(held.c.is_guide).label("as_guide"),
        func.count().filter(held.c.is_manager).label("as_manager"),
        func.count().filter(held.c.is_present).label("days_present"),
        cast(func.sum(held.c.minutes), Integer).label("minutes"),
    )  # fmt: skip
    return (
        select(*columns)
        .join(Staff, Staff.id == held.c.staff_id)
        .join(Store, Store.id == held.c.store_id)
        .group_by(Staff.id, Store.code)
        .order_by(Staff.staff_no, func.count().desc(), Store.code)
    )


def _person(row: Any, name: str, role: Any, placed: int, days: Days) -> Person:
    return Person(
        staff_no=name,
        store=of_store(row.store),
        role=role,
        grade=row.grade,
        minutes=row.minutes,
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


def _month_of_employment(hired_on: date, first: date) -> int:
    """Counted from 1; who comes within a period has their first month in it."""
    return max(1, (first.year - hired_on.year) * 12 + first.month - hired_on.month + 1)
