"""Figures per day and per guide."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Date,
    Select,
    String,
    any_,
    bindparam,
    case,
    cast,
    func,
    literal,
    select,
    tuple_,
)

from kit.db import db, fetch_all
from kit.principal import Principal
from models import ClosedDay, GuideDay, RestatedDay, Staff
from performance.queries.figures import FIGURES, FROM_DAY, MONEY, NOTHING, TO_DAY, asked, definition
from performance.queries.figures.declaring import STORE_IDS, Whose
from performance.queries.subjects import Scope
from staff.scope import sees_store

Row = dict[str, Any]


CURRENCY = bindparam("currency", type_=String)


def summed(rows: Any) -> list[ColumnElement[int]]:
    """Each figure over `rows`: money in the currency asked for only, counts over all."""
    return [cast(func.coalesce(func.sum(_figure(rows, name)), NOTHING), BigInteger).label(name) for name in FIGURES]


def _figure(rows: Any, name: str) -> ColumnElement[int]:
    column: ColumnElement[int] = getattr(rows, name)
    return case((rows.currency == CURRENCY, column), else_=NOTHING) if name in MONEY else column


def days_of(scope: Scope, *, from_day: date, to_day: date, today: date, currency: str) -> list[Row]:
    """The figures of every day, also of days without any: `today` counted now, the others as last computed."""
    rows = _stored(scope, from_day, to_day, today, currency)
    if from_day <= today <= to_day:
        rows += _live(scope, today, currency)
    by_day = {row["day"]: row for row in rows}
    days = [from_day + timedelta(days=n) for n in range((to_day - from_day).days + 1)]
    nothing = dict.fromkeys(FIGURES, 0)
    return [{**nothing, **by_day.get(day, {}), "day": day, "live": day == today} for day in days]


STORED = (
    select(GuideDay.day, *summed(GuideDay))
    .where(GuideDay.day.between(FROM_DAY, TO_DAY), GuideDay.day != bindparam("today", type_=Date))
    .group_by(GuideDay.day)
)


def _stored(scope: Scope, from_day: date, to_day: date, today: date, currency: str) -> list[Row]:
    period = {"from_day": from_day, "to_day": to_day, "today": today}
    statement = STORED.where(scope.holds(GuideDay.guide_id, GuideDay.store_id))
    return list(fetch_all(statement, {**period, "currency": currency}))


@cache
def _counted_now(whose: Whose, *, at_some: bool) -> Select[Any]:
    rows = definition(whose).subquery("live")
    statement = select(rows.c.day, *summed(rows.c)).group_by(rows.c.day)
    return statement.where(rows.c.store_id == any_(STORE_IDS)) if at_some else statement


def _live(scope: Scope, today: date, currency: str) -> list[Row]:
    whose: Whose = "guide" if scope.guide_id else "stores"
    statement = _counted_now(whose, at_some=whose == "guide" and scope.store_ids is not None)
    values = {**asked(today, today, guide_id=scope.guide_id), "store_ids": list(scope.store_ids or ())}
    return list(fetch_all(statement, {**values, "currency": currency}))


@dataclass(frozen=True, kw_only=True)
class StoreFigures:
    """Which days of which stores, both ends included; of all currencies, or of one."""

    first: date
    last: date
    store_id: UUID | None = None
    currency: str | None = None


def list_guides(asked: StoreFigures, *, principal: Principal, after: list[Any] | None, limit: int) -> list[Row]:
    """Figures per guide and currency in the stores the principal sees, by staff number."""
    key = (Staff.staff_no, GuideDay.currency)
    statement = (
        _in_sight(asked, principal, GuideDay.guide_id, Staff.staff_no, Staff.name)
        .join(Staff, Staff.id == GuideDay.guide_id)
        .group_by(GuideDay.guide_id, Staff.staff_no, Staff.name)
        .order_by(*key)
        .limit(limit)
    )
    if after:
        statement = statement.where(tuple_(*key) > tuple_(*(literal(part) for part in after)))
    return list(fetch_all(statement, {}))


def list_uncredited(asked: StoreFigures, *, principal: Principal) -> list[Row]:
    """Figures by currency of what nobody gets credit for, in the stores the principal sees."""
    statement = _in_sight(asked, principal).where(GuideDay.guide_id.is_(None)).order_by(GuideDay.currency)
    return list(fetch_all(statement, {}))


def _in_sight(asked: StoreFigures, principal: Principal, *columns: ColumnElement[Any] | Any) -> Select[Any]:
    """Sums by currency: each row of GuideDay is of one, and counts stand in the row of the store's own."""
    sums = [cast(func.sum(getattr(GuideDay, name)), BigInteger).label(name) for name in FIGURES]
    statement = (
        select(*columns, GuideDay.currency, *sums)
        .where(GuideDay.day.between(asked.first, asked.last), sees_store(GuideDay.store_id, principal))
        .group_by(GuideDay.currency)
    )
    if asked.store_id:
        statement = statement.where(GuideDay.store_id == asked.store_id)
    return statement.where(GuideDay.currency == asked.currency) if asked.currency else statement


def stores_of_guide(guide_id: UUID, *, from_day: date, to_day: date) -> Select[Any]:
    """The stores where a guide has figures of these days."""
    return select(GuideDay.store_id).where(GuideDay.guide_id == guide_id, GuideDay.day.between(from_day, to_day))


def restated_at(
    from_day: date,
    to_day: date,
    *,
    stores: Select[Any] | Sequence[UUID] | None = None,
    principal: Principal | None = None,
) -> datetime | None:
    """When sales of one of these days, of these stores or those in sight, last changed after the day was over."""
    statement = select(func.max(RestatedDay.restated_at)).where(RestatedDay.day.between(from_day, to_day))
    if stores is not None:
        statement = statement.where(RestatedDay.store_id.in_(stores))
    if principal is not None:
        statement = statement.where(sees_store(RestatedDay.store_id, principal))
    return db.session.scalar(statement)


COMPUTED_AT = select(func.max(ClosedDay.computed_at)).where(ClosedDay.day.between(FROM_DAY, TO_DAY))


def computed_at(from_day: date, to_day: date) -> datetime | None:
    """When the stored figures of these days were last computed."""
    return db.session.scalar(COMPUTED_AT, {"from_day": from_day, "to_day": to_day})
