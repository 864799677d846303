"""Regions, stores and people as a file or an editor gives them, and what is wrong with such a row."""

from dataclasses import dataclass
from datetime import date
from enum import Enum
from functools import lru_cache
from zoneinfo import available_timezones

from babel.numbers import list_currencies

from kit.broken_codes import find_damage
from kit.codes import MAX_CODE, is_code
from kit.names import without_marks
from kit.problems import Problem
from kit.words import Term, say
from staff.rules.calendar import FIRST_YEAR, KIND_NAMES, KINDS, LAST_YEAR, is_country
from staff.rules.roles import ROLE_TITLES, ROLES, works_on
from staff.rules.roster import MAX_MINUTES

MAX_NAME = 200
MAX_TAGS = 50
MAX_FESTIVAL = 64
MAX_CITY = 100
MAX_AREA_M2 = 1_000_000
NORMAL_MINUTES = 480
KIND_TERMS = [Term(kind, chinese) for chinese, kind in KIND_NAMES.items()]
ROLE_TERMS = [Term(role, titles[0]) for role, titles in ROLE_TITLES.items()]


class Kept(Enum):
    """In place of a value that is not given: what is known stays."""

    KEPT = "kept"


@dataclass(frozen=True, slots=True, kw_only=True)
class RegionRow:
    """A region under the region `parent_code`, or a root."""

    code: str
    name: str
    parent_code: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreRow:
    """A store; `time_zone` is an IANA name, `currency` an ISO 4217 code, `normal_minutes` those of a full day."""

    code: str
    name: str
    region_code: str
    opened_on: date
    closed_on: date | None = None
    time_zone: str = "Asia/Shanghai"
    currency: str = "CNY"
    tags: tuple[str, ...] = ()
    country: str = "CN"
    city: str | None = None
    normal_minutes: int | Kept = Kept.KEPT


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffRow:
    """A person; `password_hash` counts only when the row creates them, `phone` is E.164.

    `placed_from` is the day from which they work in the store in these roles; without one, today, or for somebody new
    the first day.
    """

    staff_no: str
    name: str
    roles: tuple[str, ...]
    hired_on: date
    store_code: str | None = None
    region_code: str | None = None
    left_on: date | None = None
    placed_from: date | None = None
    password_hash: str | None = None
    phone: str | Kept | None = Kept.KEPT
    wecom_user_id: str | Kept | None = Kept.KEPT


@dataclass(frozen=True, slots=True, kw_only=True)
class AreaRow:
    """The selling area of a store from a day on, in square metres."""

    store_code: str
    valid_from: date
    area_m2: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RosterRow:
    """What somebody does in a store on a day; `kind` is one of those of `rules.roster`, without a version by hand."""

    store_code: str
    staff_no: str
    day: date
    kind: str
    minutes: int = 0
    version: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarRow:
    """A day of a country's calendar; `kind` is one of those of `rules.calendar`."""

    day: date
    kind: str
    festival: str | None = None


def area_problem(row: AreaRow) -> Problem | None:
    """What is wrong with a selling area by itself."""
    if not 0 < row.area_m2 <= MAX_AREA_M2:
        return Problem("area_m2", say("out_of_range.between", min=1, max=MAX_AREA_M2))
    return None


def calendar_problem(row: CalendarRow) -> Problem | None:
    """What is wrong with a day of a calendar by itself."""
    if not FIRST_YEAR <= row.day.year <= LAST_YEAR:
        return Problem("day", say("implausible_day.calendar", first=FIRST_YEAR, last=LAST_YEAR))
    if row.kind not in KINDS:
        return Problem("kind", say("unknown_kind", kind=row.kind, kinds=KIND_TERMS))
    if row.festival is not None:
        return _text_problem("festival", row.festival, MAX_FESTIVAL, printable=row.festival.isprintable())
    return None


def region_problem(row: RegionRow) -> Problem | None:
    """What is wrong with a region by itself."""
    return _code_problem("code", row.code) or _name_problem(row.name)


def store_problem(row: StoreRow) -> Problem | None:
    """What is wrong with a store by itself."""
    if problem := _code_problem("code", row.code) or _name_problem(row.name):
        return problem
    if row.time_zone not in _time_zones():
        return Problem("time_zone", say("unknown_time_zone", zone=row.time_zone))
    if row.currency not in _currencies():
        return Problem("currency", say("unknown_currency", currency=row.currency))
    if not is_country(row.country):
        return Problem("country", say("unknown_country", country=row.country))
    if row.city is not None:
        problem = _text_problem("city", row.city, MAX_CITY, printable=row.city == without_marks(row.city))
        if problem:
            return problem
    if isinstance(row.normal_minutes, int) and not 1 <= row.normal_minutes <= MAX_MINUTES:
        return Problem("normal_minutes", say("out_of_range.between", min=1, max=MAX_MINUTES))
    if len(row.tags) > MAX_TAGS:
        return Problem("tags", say("too_many.tags", max=MAX_TAGS))
    for tag in row.tags:
        if problem := _text_problem("tags", tag, MAX_CODE, printable=tag.isprintable()):
            return problem
    if row.closed_on and row.closed_on < row.opened_on:
        return Problem("closed_on", say("dates_reversed.store"))
    return None


def staff_problem(row: StaffRow) -> Problem | None:
    """What is wrong with a member of staff by themselves."""
    if problem := _code_problem("staff_no", row.staff_no) or _name_problem(row.name):
        return problem
    if not row.roles:
        return Problem("roles", say("required.role"))
    if unknown := sorted(set(row.roles) - ROLES):
        return Problem("roles", say("unknown_role", role=unknown[0], roles=ROLE_TERMS))
    if {"guide", "store_manager"} & set(row.roles) and not row.store_code:
        return Problem("store_code", say("store_required"))
    if "regional_manager" in row.roles and not row.region_code:
        return Problem("region_code", say("region_required"))
    if row.left_on and row.left_on < row.hired_on:
        return Problem("left_on", say("dates_reversed.person"))
    if row.placed_from and not works_on(row.placed_from, hired_on=row.hired_on, left_on=row.left_on):
        return Problem("placed_from", say("not_employed"))
    if isinstance(row.wecom_user_id, str):
        wecom = row.wecom_user_id
        return _text_problem("wecom_user_id", wecom, MAX_CODE, printable=wecom.isprintable())
    return None


def _code_problem(field: str, code: str) -> Problem | None:
    if damage := find_damage(code):
        return Problem(field, damage)
    if problem := _text_problem(field, code, MAX_CODE, printable=code.isprintable()):
        return problem
    return None if is_code(code) else Problem(field, say("bad_characters.code"))


def _name_problem(name: str) -> Problem | None:
    return _text_problem("name", name, MAX_NAME, printable=name == without_marks(name))


def _text_problem(field: str, value: str, max_length: int, *, printable: bool) -> Problem | None:
    if not value.strip():
        return Problem(field, say("required"))
    if len(value) > max_length:
        return Problem(field, say("too_long.text", max=max_length))
    if value != value.strip() or not printable:
        return Problem(field, say("bad_characters"))
    return None


@lru_cache(maxsize=1)
def _time_zones() -> frozenset[str]:
    return frozenset(available_timezones())


@lru_cache(maxsize=1)
def _currencies() -> frozenset[str]:
    return frozenset(list_currencies())
