"""People, calendars and rosters as answers show them."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from kit.links import file_url
from kit.phones import masked_phone
from models import CalendarYear
from staff.incoming import RosterItem
from staff.queries import Calendar, PersonDay
from staff.rules.calendar import Day, lunar_date
from staff.service import Verdict

Row = dict[str, Any]


def as_oneself(row: Row) -> Row:
    """The row for the person it is about: with the address of the portrait in place of where it is stored."""
    shown = {name: value for name, value in row.items() if name != "portrait_key"}
    return {**shown, "portrait_url": file_url(row["portrait_key"])}


def as_seen(row: Row) -> Row:
    """The same for others: the telephone is masked."""
    return {**as_oneself(row), "phone": masked_phone(row["phone"]) if row["phone"] else None}


def roster_outcome(index: int, item: RosterItem, verdict: Verdict) -> Row:
    """What became of an item of a batch."""
    told: Row = {"index": index, "external_id": item.staff_no, "outcome": verdict.word}
    if verdict.problem:
        told |= {"code": verdict.problem.code, "detail": verdict.problem.said}
    if verdict.problem and verdict.word == "rejected":
        told["errors"] = {verdict.problem.field: [verdict.problem.said]}
    if verdict.word == "stale":
        told |= {"version_held": verdict.held, "version_sent": item.version}
    return told


def roster_answer(store_id: UUID, days: Sequence[tuple[date, Sequence[PersonDay]]], *, shown_to: UUID | None) -> Row:
    """A store's days; why others are away is not `shown_to` somebody named."""
    return {
        "store_id": store_id,
        "days": [
            {
                "day": day,
                "roster": people[0].roster if people else "none",
                "items": [_person_day(one, sees_why=shown_to in (None, one.staff_id)) for one in people],
            }
            for day, people in days
        ],
    }


def _person_day(one: PersonDay, *, sees_why: bool) -> Row:
    roles = [role for role, held in (("guide", one.is_guide), ("store_manager", one.is_manager)) if held]
    kept = ("staff_id", "staff_no", "name", "is_cover", "is_present", "minutes")
    kind = one.kind if sees_why or one.is_present else None
    return {**{name: getattr(one, name) for name in kept}, "roles": roles or ["support"], "kind": kind}


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
