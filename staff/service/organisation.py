"""Regions, stores and people, one at a time; the rules are those of the imports."""

from datetime import date
from typing import Any
from uuid import UUID

from kit.codes import fold_code
from kit.errors import Conflict, Invalid
from kit.versions import expect
from kit.words import say
from models import Region, Staff, Store
from staff import queries
from staff.rules import RegionRow, StaffRow, StoreRow
from staff.service.imports import LAST_ADMIN, import_regions, import_staff, import_stores
from staff.service.outcomes import Outcome

Changes = dict[str, Any]


class CodeTaken(Conflict):
    """There is one with this code or staff number already."""

    code = "code_taken"


class LastAdmin(Conflict):
    """The chain would be left without an administrator."""

    code = LAST_ADMIN


def create_region(**columns: Any) -> UUID:
    """The id of a new region of the fields of RegionRow; raises CodeTaken, Invalid."""
    _accept_new(import_regions([RegionRow(**columns)], create_only=True))
    return queries.find_region_ids([columns["code"]])[fold_code(columns["code"])]


def change_region(region_id: UUID, *, changes: Changes, expected_version: int) -> None:
    """Rename or move a region with its subtree; raises Stale, Invalid (a cycle, an unknown parent)."""
    queries.lock_region_tree()
    region = queries.lock_region(region_id)
    expect(region.version, expected=expected_version)
    _accept(import_regions([RegionRow(**{**_region_fields(region), **changes})]))


def create_store(**columns: Any) -> UUID:
    """The id of a new store of the fields of StoreRow; raises CodeTaken, Invalid."""
    _accept_new(import_stores([StoreRow(**columns)], create_only=True))
    return queries.find_store_ids([columns["code"]])[fold_code(columns["code"])]


def change_store(store_id: UUID, *, changes: Changes, expected_version: int) -> None:
    """Change what is given of a store; raises Stale, Invalid."""
    store = queries.lock_store(store_id)
    expect(store.version, expected=expected_version)
    _accept(import_stores([StoreRow(**{**_store_fields(store), **changes})]))


def create_person(**columns: Any) -> UUID:
    """The id of a new member of staff of the fields of StaffRow, without a password yet; raises CodeTaken, Invalid."""
    _accept_new(import_staff([StaffRow(**columns)], create_only=True))
    return queries.find_staff_ids([columns["staff_no"]])[fold_code(columns["staff_no"])]


def change_person(staff_id: UUID, *, changes: Changes, expected_version: int) -> None:
    """Change what is given of a member of staff; raises Stale, Invalid, LastAdmin."""
    queries.lock_admins()
    person = queries.lock_person(staff_id)
    expect(person.version, expected=expected_version)
    _accept(import_staff([StaffRow(**{**_staff_fields(person), **changes})]))


def let_leave(staff_id: UUID, *, on: date) -> None:
    """Let somebody leave the chain with a last day; raises LastAdmin."""
    queries.lock_admins()
    _accept(import_staff([StaffRow(**{**_staff_fields(queries.lock_person(staff_id)), "left_on": on})]))


def _region_fields(region: Region) -> dict[str, Any]:
    return {"code": region.code, "name": region.name, "parent_code": queries.find_region_code(region.parent_id)}


def _store_fields(store: Store) -> dict[str, Any]:
    return {
        "code": store.code,
        "name": store.name,
        "region_code": queries.find_region_code(store.region_id),
        "opened_on": store.opened_on,
        "closed_on": store.closed_on,
        "time_zone": store.time_zone,
        "currency": store.currency,
        "tags": tuple(store.tags),
        "country": store.country,
        "city": store.city,
    }


def _staff_fields(person: Staff) -> dict[str, Any]:
    return {
        "staff_no": person.staff_no,
        "name": person.name,
        "roles": tuple(person.roles),
        "hired_on": person.hired_on,
        "left_on": person.left_on,
        "store_code": queries.find_store_code(person.store_id),
        "region_code": queries.find_region_code(person.region_id),
    }


def _accept_new(outcomes: list[Outcome]) -> None:
    _accept(outcomes)
    if outcomes[0].outcome != "created":
        raise CodeTaken(say("code_taken", code=outcomes[0].key))


def _accept(outcomes: list[Outcome]) -> None:
    if problem := outcomes[0].problem:
        if problem.code == LAST_ADMIN:
            raise LastAdmin(problem.said)
        raise Invalid(problem.said, errors={problem.field: [problem.said]})
