"""Regions, stores and people as a file or an editor gives them, and what is wrong with such a row."""

from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import available_timezones

from babel.numbers import list_currencies

from kit.broken_codes import BROKEN, find_damage
from kit.codes import MAX_CODE, is_code
from kit.names import without_marks
from staff.rules.roles import ANY_STAFF

MAX_NAME = 200
MAX_TAGS = 50


class Problem(NamedTuple):
    """Why a row is refused: the field, a stable code, a sentence."""

    field: str
    code: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RegionRow:
    """A region under the region `parent_code`, or a root."""

    code: str
    name: str
    parent_code: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreRow:
    """A store; `time_zone` is an IANA name, `currency` an ISO 4217 code."""

    code: str
    name: str
    region_code: str
    opened_on: date
    closed_on: date | None = None
    time_zone: str = "Asia/Shanghai"
    currency: str = "CNY"
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffRow:
    """A person; `password_hash` counts only when the row creates them."""

    staff_no: str
    name: str
    roles: tuple[str, ...]
    hired_on: date
    store_code: str | None = None
    region_code: str | None = None
    left_on: date | None = None
    password_hash: str | None = None


def region_problem(row: RegionRow) -> Problem | None:
    """What is wrong with a region by itself."""
    return _code_problem("code", row.code) or _name_problem(row.name)


def store_problem(row: StoreRow) -> Problem | None:
    """What is wrong with a store by itself."""
    if problem := _code_problem("code", row.code) or _name_problem(row.name):
        return problem
    if row.time_zone not in _time_zones():
        return Problem("time_zone", "unknown_time_zone", f"{row.time_zone!r} is not an IANA time zone.")
    if row.currency not in _currencies():
        return Problem("currency", "unknown_currency", f"{row.currency!r} is not an ISO 4217 currency.")
    if len(row.tags) > MAX_TAGS:
        return Problem("tags", "too_many", f"At most {MAX_TAGS} tags.")
    for tag in row.tags:
        if problem := _text_problem("tags", tag, MAX_CODE, printable=tag.isprintable()):
            return problem
    if row.closed_on and row.closed_on < row.opened_on:
        return Problem("closed_on", "dates_reversed", "A store closes on or after the day it opens.")
    return None


def staff_problem(row: StaffRow) -> Problem | None:
    """What is wrong with a member of staff by themselves."""
    if problem := _code_problem("staff_no", row.staff_no) or _name_problem(row.name):
        return problem
    if not row.roles:
        return Problem("roles", "required", "At least one role.")
    if unknown := sorted(set(row.roles) - ANY_STAFF):
        return Problem("roles", "unknown_role", f"{unknown[0]!r} is not a role.")
    if {"guide", "store_manager"} & set(row.roles) and not row.store_code:
        return Problem("store_code", "store_required", "Guides and store managers have a home store.")
    if "regional_manager" in row.roles and not row.region_code:
        return Problem("region_code", "region_required", "Regional managers have a region.")
    if row.left_on and row.left_on < row.hired_on:
        return Problem("left_on", "dates_reversed", "People leave on or after the day they are hired.")
    return None


def _code_problem(field: str, code: str) -> Problem | None:
    if damage := find_damage(code):
        return Problem(field, BROKEN, damage)
    if problem := _text_problem(field, code, MAX_CODE, printable=code.isprintable()):
        return problem
    return None if is_code(code) else Problem(field, "bad_characters", "Not characters of a code.")


def _name_problem(name: str) -> Problem | None:
    return _text_problem("name", name, MAX_NAME, printable=name == without_marks(name))


def _text_problem(field: str, value: str, max_length: int, *, printable: bool) -> Problem | None:
    if not value.strip():
        return Problem(field, "required", "Missing.")
    if len(value) > max_length:
        return Problem(field, "too_long", f"At most {max_length} characters.")
    if value != value.strip() or not printable:
        return Problem(field, "bad_characters", "No line breaks, control characters or outer spaces.")
    return None


@lru_cache(maxsize=1)
def _time_zones() -> frozenset[str]:
    return frozenset(available_timezones())


@lru_cache(maxsize=1)
def _currencies() -> frozenset[str]:
    return frozenset(list_currencies())
