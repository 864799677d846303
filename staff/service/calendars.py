"""Business calendars: the years that are decreed, and the days that people change in them."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import ColumnElement, literal_column, or_
from sqlalchemy.dialects.postgresql import insert

from kit import clock, locks
from kit.db import db
from kit.errors import Conflict, Invalid
from kit.problems import Problem
from kit.versions import expect
from kit.words import say
from models import CalendarDay, CalendarYear
from staff import queries
from staff.rules import calendar as rules
from staff.rules.calendar import Day
from staff.rules.rows import CalendarRow, calendar_problem
from staff.service.outcomes import Outcome

FROM_FILE = "文件导入"


class CalendarYearKnown(Conflict):
    """The year is decreed already: change its days instead."""

    code = "calendar_year_known"


def seed_calendars() -> None:
    """Add the decreed years that nobody has entered yet; a year that is there stays as people left it."""
    for country in ("CN",):
        locks.hold(f"calendar {country}")
        wanted = rules.decreed_years(country)
        known = {year.year for year in queries.find_years(country, wanted)}
        for year in wanted:
            if year not in known:
                _add_year(country, year, decree=rules.decree_of(year), days=rules.decreed_days(year))


def add_year(*, country: str, year: int, decree: str, days: Sequence[Day]) -> None:
    """Enter a year with what its days differ by from the week; raises CalendarYearKnown, CalendarNotFound, Invalid."""
    queries.check_country(country)
    _check_days(days, year)
    locks.hold(f"calendar {country}")
    if queries.find_years(country, [year]):
        raise CalendarYearKnown
    _add_year(country, year, decree=decree, days=days)


def change_year(
    *, country: str, year: int, expected_version: int, decree: str | None = None, days: Sequence[Day] = ()
) -> None:
    """Say anew what the given days of a year are, the others stay; raises Stale, CalendarYearNotFound, Invalid."""
    queries.check_country(country)
    found = queries.lock_years(country, [year])
    if not found:
        raise queries.CalendarYearNotFound
    expect(found[0].version, expected=expected_version)
    _check_days(days, year)
    if decree is not None:
        found[0].decree = decree
    if _put_days({year: found[0].id}, days):
        found[0].changed_at = clock.now()


def import_calendar(rows: Sequence[CalendarRow], *, country: str) -> list[Outcome]:
    """Take in days of a country; years that were not there become decreed, by the file."""
    problems = {index: problem for index, row in enumerate(rows) if (problem := calendar_problem(row))}
    good = [Day(row.day, row.kind, row.festival) for index, row in enumerate(rows) if index not in problems]
    became = _take_in(country, good)
    return [_outcome(index, row, problems.get(index), became) for index, row in enumerate(rows)]


def _outcome(index: int, row: CalendarRow, problem: Problem | None, became: dict[date, str]) -> Outcome:
    said = "rejected" if problem else became.get(row.day, "unchanged")
    return Outcome(index, row.day.isoformat(), said, problem)


def _take_in(country: str, days: Sequence[Day]) -> dict[date, str]:
    locks.hold(f"calendar {country}")
    wanted = {day.day.year for day in days}
    years = {year.year: year for year in queries.lock_years(country, wanted)}
    for year in sorted(wanted - years.keys()):
        years[year] = _add_year(country, year, decree=FROM_FILE, days=())
    became = _put_days({year: row.id for year, row in years.items()}, days)
    for year in {day.year for day in became}:
        years[year].changed_at = clock.now()
    return became


def _add_year(country: str, year: int, *, decree: str, days: Sequence[Day]) -> CalendarYear:
    row = CalendarYear(country=country, year=year, decree=decree, changed_at=clock.now())
    db.session.add(row)
    db.session.flush()
    _put_days({year: row.id}, days)
    return row


def _put_days(year_ids: dict[int, UUID], days: Sequence[Day]) -> dict[date, str]:
    """What became of the days that were new or differed: "created" or "updated"."""
    if not days:
        return {}
    rows = [{"year_id": year_ids[day.day.year], **day._asdict()} for day in days]
    statement = insert(CalendarDay).values(rows)
    new = statement.excluded
    statement = statement.on_conflict_do_update(
        index_elements=["year_id", "day"],
        set_={"kind": new.kind, "festival": new.festival},
        where=or_(CalendarDay.kind != new.kind, CalendarDay.festival.is_distinct_from(new.festival)),
    )
    fresh: ColumnElement[bool] = literal_column("xmax = 0")
    written = db.session.execute(statement.returning(CalendarDay.day, fresh))
    return {day: "created" if created else "updated" for day, created in written}


def _check_days(days: Sequence[Day], year: int) -> None:
    if any(day.day.year != year for day in days):
        raise Invalid(errors={"days": [say("outside_year", year=year)]})
    if len({day.day for day in days}) < len(days):
        raise Invalid(errors={"days": [say("given_twice")]})
