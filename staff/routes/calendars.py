"""Which days a country works and celebrates."""

from datetime import date
from typing import Any

from kit.errors import Invalid
from kit.headings import SheetHeaderWrong
from kit.memory import MemoryBusy
from kit.web.auth import auth
from kit.web.etag import etagged, if_match, serve, tag
from kit.web.idempotency import unkept
from kit.web.io import body, query, reply
from kit.web.refusals import refuses
from kit.web.sheets import as_answer
from kit.web.upload import MAX_SHEET_BYTES, SHEET_BODY, received_encoding, received_file
from kit.words import say
from kit.workbook_parts import SheetTooLarge, SheetUnreadable
from staff import present, queries, service
from staff.queries.calendars import CalendarNotFound, CalendarYearNotFound
from staff.routes.blueprint import bp
from staff.rules import ANY_STAFF
from staff.rules.calendar import FIRST_YEAR, LAST_YEAR, Day
from staff.schemas import calendars as schemas
from staff.schemas.imports import ImportOut
from staff.service.calendars import CalendarYearKnown

ADMIN = {"hq_admin"}

Answer = dict[str, Any]


@bp.get("/calendars/<country>")
@auth(roles=ANY_STAFF)
@refuses(CalendarNotFound)
@query(schemas.CalendarIn)
@reply(schemas.CalendarOut)
def get_calendar(country: str, first: date, last: date) -> Answer:
    """Workdays, weekends, holidays, make-up workdays and festivals; years that nobody decreed follow the week."""
    queries.check_country(country)
    if first > last:
        raise Invalid(errors={"from": [say("later_than", than="to")]})
    if not date(FIRST_YEAR, 1, 1) <= first <= last <= date(LAST_YEAR, 12, 31):
        raise Invalid(errors={"from": [say("implausible_day.calendar", first=FIRST_YEAR, last=LAST_YEAR)]})
    if (last - first).days >= schemas.MAX_DAYS:
        raise Invalid(errors={"to": [say("period_too_long", days=schemas.MAX_DAYS)]})
    return present.calendar_answer(country, queries.read_calendar(country, first=first, last=last))


@bp.post("/calendars/<country>/years")
@auth(roles=ADMIN)
@refuses(CalendarNotFound, CalendarYearKnown, CalendarYearNotFound)
@body(schemas.CalendarYearIn)
@reply(schemas.CalendarYearOut, 201)
def add_calendar_year(country: str, year: int, decree: str, days: list[Answer]) -> Answer:
    """Enter the holidays and make-up workdays of a year."""
    service.add_year(country=country, year=year, decree=decree, days=[Day(**day) for day in days])
    return _year(country, year)


@bp.get("/calendars/<country>/years/<int:year>")
@auth(roles=ANY_STAFF)
@refuses(CalendarNotFound, CalendarYearNotFound)
@reply(schemas.CalendarYearOut)
@etagged
def get_calendar_year(country: str, year: int) -> Answer:
    """What a decreed year names: the days that differ from the week, and festivals."""
    answer = _year(country, year)
    serve(answer["version"])
    return answer


@bp.patch("/calendars/<country>/years/<int:year>")
@auth(roles=ADMIN)
@refuses(CalendarNotFound, CalendarYearNotFound)
@body(schemas.CalendarYearPatch)
@reply(schemas.CalendarYearOut)
@if_match
def change_calendar_year(country: str, year: int, expected_version: int, days: list[Answer], **changes: str) -> Answer:
    """Say anew what some days of a year are; the others stay."""
    given = [Day(**day) for day in days]
    service.change_year(country=country, year=year, expected_version=expected_version, days=given, **changes)
    answer = _year(country, year)
    tag(answer["version"])
    return answer


@bp.post("/imports/calendars")
@auth(roles=ADMIN)
@refuses(CalendarNotFound, MemoryBusy, SheetHeaderWrong, SheetTooLarge, SheetUnreadable)
@unkept
@query(schemas.CalendarSheetIn)
@reply(ImportOut)
@bp.doc(requestBody=SHEET_BODY)
def import_calendar(country: str, dry_run: bool) -> Answer:
    """Take in days of a country from a file: day, kind, festival. A year that was not there is decreed by the file."""
    queries.check_country(country)
    with received_file(max_bytes=MAX_SHEET_BYTES) as file:
        report = service.import_sheet("calendars", file, encoding=received_encoding(), dry_run=dry_run, country=country)
    return as_answer(report, dry_run=dry_run)


def _year(country: str, year: int) -> Answer:
    found = queries.get_year(country, year)
    return present.year_answer(found, queries.list_days(found.id))
