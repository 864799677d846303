"""Reads of business calendars."""

from collections.abc import Collection, Sequence
from datetime import date, timedelta
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import select

from kit.db import db
from kit.errors import NotFound
from models import CalendarDay, CalendarYear
from staff.rules import calendar as rules
from staff.rules.calendar import Day


class CalendarNotFound(NotFound):
    """There is no such country; its code has two capital letters (ISO 3166-1)."""

    code = "calendar_not_found"


class CalendarYearNotFound(NotFound):
    """Nobody has entered the holidays of this year: its days follow the week."""

    code = "calendar_year_not_found"


class Calendar(NamedTuple):
    """Days in a row, each told, and the years of them that are decreed."""

    days: list[Day]
    years: list[CalendarYear]


def check_country(country: str) -> None:
    """Raises CalendarNotFound unless there is such a country."""
    if not rules.is_country(country):
        raise CalendarNotFound


def read_calendar(country: str, *, first: date, last: date) -> Calendar:
    """What each day from `first` to `last` is in a country; days of years that nobody decreed follow the week."""
    years = find_years(country, range(first.year, last.year + 1))
    decreed = {year.year for year in years}
    told = {day.day: day for day in _list_days([year.id for year in years], first=first, last=last)}
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    return Calendar([told.get(day) or _by_week(country, day, decreed) for day in days], years)


def _by_week(country: str, day: date, decreed: Collection[int]) -> Day:
    # A decreed year names its festivals itself, so that HQ can take one away.
    festival = None if day.year in decreed else rules.festival_of(country, day)
    return Day(day, rules.week_kind(day), festival)


def find_years(country: str, years: Collection[int]) -> list[CalendarYear]:
    """Those of the years that are decreed, in order."""
    wanted = select(CalendarYear).where(CalendarYear.country == country, CalendarYear.year.in_(years))
    return list(db.session.scalars(wanted.order_by(CalendarYear.year)))


def get_year(country: str, year: int) -> CalendarYear:
    """A decreed year; raises CalendarNotFound, CalendarYearNotFound."""
    check_country(country)
    if found := find_years(country, [year]):
        return found[0]
    raise CalendarYearNotFound


def list_days(year_id: UUID) -> list[Day]:
    """The days that a decreed year names, in order."""
    return _list_days([year_id], first=date.min, last=date.max)


def lock_years(country: str, years: Collection[int]) -> list[CalendarYear]:
    """Those of the years that are decreed, in order, kept from other changes until the unit of work ends."""
    wanted = select(CalendarYear).where(CalendarYear.country == country, CalendarYear.year.in_(years))
    return list(db.session.scalars(wanted.order_by(CalendarYear.year).with_for_update()))


def _list_days(year_ids: Sequence[UUID], *, first: date, last: date) -> list[Day]:
    columns = (CalendarDay.day, CalendarDay.kind, CalendarDay.festival)
    wanted = select(*columns).where(CalendarDay.year_id.in_(year_ids), CalendarDay.day.between(first, last))
    return [Day(*row) for row in db.session.execute(wanted.order_by(CalendarDay.day))]
