"""People and calendars as answers show them."""

from typing import Any

from kit.links import file_url
from kit.phones import masked_phone
from models import CalendarYear
from staff.queries import Calendar
from staff.rules.calendar import Day, lunar_date

Row = dict[str, Any]


def as_oneself(row: Row) -> Row:
    """The row for the person it is about: with the address of the portrait in place of where it is stored."""
    shown = {name: value for name, value in row.items() if name != "portrait_key"}
    return {**shown, "portrait_url": file_url(row["portrait_key"])}


def as_seen(row: Row) -> Row:
    """The same for others: the telephone is masked."""
    return {**as_oneself(row), "phone": masked_phone(row["phone"]) if row["phone"] else None}


def calendar_answer(country: str, calendar: Calendar) -> Row:
    """A calendar's days, and which of its years are decreed."""
    decreed = {year.year: year for year in calendar.years}
    years = sorted({day.day.year for day in calendar.days})
    return {
        "country": country,
        "years": [_year(year, decreed.get(year)) for year in years],
        "items": [_day(day) for day in calendar.days],
    }


def year_answer(year: CalendarYear, days: list[Day]) -> Row:
    """A decreed year with the days that it names."""
    told = {"country": year.country, "year": year.year, "decree": year.decree, "version": year.version}
    return {**told, "days": [_day(day) for day in days]}


def _year(year: int, decreed: CalendarYear | None) -> Row:
    told = {"decree": decreed.decree, "version": decreed.version} if decreed else {"decree": None, "version": None}
    return {"year": year, "is_decreed": decreed is not None, **told}


def _day(day: Day) -> Row:
    return {**day._asdict(), "lunar": lunar_date(day.day)._asdict()}
