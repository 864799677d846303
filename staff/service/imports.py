"""Regions, stores and staff by the thousand: upsert by code or staff number, one outcome per row."""

from collections.abc import Callable, Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeVar
from uuid import UUID

from kit import clock
from kit.codes import fold_code, is_code
from kit.db import Base
from kit.faces import undrawable
from kit.ids import new_id
from kit.problems import Problem
from kit.words import say
from models import Region, Staff, Store
from staff import queries
from staff.rules import administers, tree
from staff.rules import rows as rules
from staff.rules.placements import roles_kept, store_roles
from staff.rules.rows import Kept, RegionRow, StaffRow, StoreRow
from staff.service.outcomes import Outcome
from staff.service.placements import Told, place_people
from staff.service.upsert import upsert

LAST_ADMIN = "last_admin"

Row = TypeVar("Row", RegionRow, StoreRow, StaffRow)


def import_regions(rows: Sequence[RegionRow], *, create_only: bool = False) -> list[Outcome]:
    """Create or change regions by code, or only create them; a moved region takes its subtree along.

    Rejected are rows whose parent is unknown or would close a cycle, and rows under those.
    """
    queries.lock_region_tree()
    standing = {region["code"]: region for region in queries.list_region_tree()}
    rows = _as_written_first(rows, standing)
    problems = _problems(rows, key="code", check=rules.region_problem)
    _refuse_rootless(rows, standing, problems)
    taken = [row for index, row in enumerate(rows) if index not in problems]
    wanted = _region_rows(taken, standing)
    became = upsert(Region, wanted, key="code", once=["id"], create_only=create_only)
    return _outcomes(rows, key="code", problems=problems, became=became)


def import_stores(rows: Sequence[StoreRow], *, create_only: bool = False) -> list[Outcome]:
    """Create or change stores by code, or only create them.

    Rows that name an unknown region, zone or currency are rejected.
    """
    regions = queries.find_region_ids(_askable(row.region_code for row in rows))

    def check(row: StoreRow) -> Problem | None:
        return rules.store_problem(row) or _unknown("region_code", row.region_code, regions)

    def columns(row: StoreRow) -> dict[str, Any]:
        return {
            "code": row.code,
            "name": row.name,
            "region_id": regions[fold_code(row.region_code)],
            "time_zone": row.time_zone,
            "currency": row.currency,
            "country": row.country,
            "city": row.city,
            "tags": row.tags,
            "opened_on": row.opened_on,
            "closed_on": row.closed_on,
            **_known(normal_minutes=row.normal_minutes),
        }

    problems = _problems(rows, key="code", check=check)
    return _import(Store, rows, key="code", problems=problems, columns=columns, create_only=create_only)


def import_staff(rows: Sequence[StaffRow], *, create_only: bool = False) -> list[Outcome]:
    """Create or change people by staff number, or only create them.

    Another store, or other roles there, become placements from the row's day on. Rows that name an unknown role, store
    or region are rejected, and so are those that would leave the chain without an administrator.
    """
    stores = queries.find_store_ids(_askable(row.store_code for row in rows))
    regions = queries.find_region_ids(_askable(row.region_code for row in rows))

    def check(row: StaffRow) -> Problem | None:
        return (
            (rules.staff_problem(row) or _undrawable(row.name))
            or _unknown("store_code", row.store_code, stores)
            or _unknown("region_code", row.region_code, regions)
        )

    problems = _problems(rows, key="staff_no", check=check)
    problems |= _taken_in_wecom([(i, row) for i, row in enumerate(rows) if i not in problems])
    if not create_only:
        problems |= _last_admins([(i, row) for i, row in enumerate(rows) if i not in problems])
    taken = [row for index, row in enumerate(rows) if index not in problems]
    standing = queries.find_held_roles({row.staff_no for row in taken})
    columns = [_staff_columns(row, stores=stores, regions=regions, standing=standing) for row in taken]
    became = upsert(Staff, columns, key="staff_no", once=("password_hash", "store_id"), create_only=create_only)
    if not create_only or became:
        for key in place_people(_told(taken, stores, became), now=clock.now()):
            became.setdefault(key, "updated")
    return _outcomes(rows, key="staff_no", problems=problems, became=became)


def _told(rows: Sequence[StaffRow], stores: Mapping[str, UUID], became: Mapping[str, str]) -> list[Told]:
    """Where the rows say that people work; a new person is there, from the first day."""
    return [
        Told(
            key,
            stores[fold_code(row.store_code)] if row.store_code else None,
            store_roles(row.roles) if row.store_code else frozenset(),
            row.placed_from,
            is_new=became.get(key) == "created",
        )
        for row in rows
        for key in [fold_code(row.staff_no)]
    ]


def _staff_columns(
    row: StaffRow, *, stores: Mapping[str, UUID], regions: Mapping[str, UUID], standing: Mapping[str, Sequence[str]]
) -> dict[str, Any]:
    return {
        "staff_no": row.staff_no,
        "name": row.name,
        "roles": roles_kept(row.roles, standing.get(fold_code(row.staff_no))),
        "store_id": stores[fold_code(row.store_code)] if row.store_code else None,
        "region_id": regions[fold_code(row.region_code)] if row.region_code else None,
        "hired_on": row.hired_on,
        "left_on": row.left_on,
        "password_hash": row.password_hash,
        **_known(phone=row.phone, wecom_user_id=row.wecom_user_id),
    }


def _known(**given: str | int | Kept | None) -> dict[str, str | int | None]:
    """Those of the fields that a row says; all rows of a file say the same."""
    return {name: value for name, value in given.items() if not isinstance(value, Kept)}


def _taken_in_wecom(rows: Sequence[tuple[int, StaffRow]]) -> dict[int, Problem]:
    """The rows that give somebody the WeCom user id of somebody else."""
    named = [(index, row, row.wecom_user_id.lower()) for index, row in rows if isinstance(row.wecom_user_id, str)]
    owners = queries.find_wecom_owners({user_id for _, _, user_id in named})
    problems: dict[int, Problem] = {}
    for index, row, user_id in named:
        if owners.setdefault(user_id, fold_code(row.staff_no)) != fold_code(row.staff_no):
            problems[index] = Problem("wecom_user_id", say("duplicate.wecom"))
    return problems


def _last_admins(rows: Sequence[tuple[int, StaffRow]]) -> dict[int, Problem]:
    """The rows by which the last administrators would drop the role or leave; none while another one stays."""
    queries.lock_admins()
    today = clock.business_day(clock.now(), queries.Home().time_zone)
    standing = {fold_code(staff_no) for staff_no in queries.list_admins(on=today)}
    given = {index: fold_code(row.staff_no) for index, row in rows}
    staying = {
        index for index, row in rows if administers(row.roles, hired_on=row.hired_on, left_on=row.left_on, on=today)
    }
    if not standing or standing - set(given.values()) or staying:
        return {}
    problem = Problem("roles", say("last_admin"))
    return {index: problem for index, staff_no in given.items() if staff_no in standing}


def _import(
    table: type[Base],
    rows: Sequence[Row],
    *,
    key: str,
    problems: Mapping[int, Problem],
    columns: Callable[[Row], dict[str, Any]],
    create_only: bool,
    once: tuple[str, ...] = (),
) -> list[Outcome]:
    taken = [columns(row) for index, row in enumerate(rows) if index not in problems]
    became = upsert(table, taken, key=key, once=once, create_only=create_only)
    return _outcomes(rows, key=key, problems=problems, became=became)


def _problems(rows: Sequence[Row], *, key: str, check: Callable[[Row], Problem | None]) -> dict[int, Problem]:
    problems: dict[int, Problem] = {}
    seen: set[Hashable] = set()
    for index, row in enumerate(rows):
        value = getattr(row, key)
        if fold_code(value) in seen:
            problems[index] = Problem(key, say("duplicate", code=value))
        elif problem := check(row):
            problems[index] = problem
        seen.add(fold_code(value))
    return problems


def _outcomes(
    rows: Sequence[Row], *, key: str, problems: Mapping[int, Problem], became: Mapping[str, str]
) -> list[Outcome]:
    return [
        Outcome(index, getattr(row, key), "rejected", problems[index])
        if index in problems
        else Outcome(index, getattr(row, key), became.get(fold_code(getattr(row, key)), "unchanged"))
        for index, row in enumerate(rows)
    ]


def _askable(codes: Iterable[str | None]) -> set[str]:
    """Those of the codes that a database can be asked for: no NUL, no half of a surrogate pair."""
    return {code for code in codes if code and is_code(code)}


def _undrawable(name: str) -> Problem | None:
    """Said when the name is given: a poster would show a gap, and nobody would be told."""
    missing = undrawable(name)
    if not missing:
        return None
    return Problem("name", say("name_not_drawable", letters=missing[:20]))


def _unknown(field: str, code: str | None, known: Mapping[str, UUID]) -> Problem | None:
    if code is None or fold_code(code) in known:
        return None
    return Problem(field, say("unknown_code", code=code))


def _as_written_first(rows: Sequence[RegionRow], standing: Collection[str]) -> list[RegionRow]:
    """The rows with every region's code as it stands, or else as the first row has it."""
    written = {fold_code(code): code for code in standing}
    for row in rows:
        written.setdefault(fold_code(row.code), row.code)
    return [
        replace(
            row,
            code=written[fold_code(row.code)],
            parent_code=row.parent_code and written.get(fold_code(row.parent_code), row.parent_code),
        )
        for row in rows
    ]


def _refuse_rootless(
    rows: Sequence[RegionRow], standing: Mapping[str, dict[str, Any]], problems: dict[int, Problem]
) -> None:
    """Add a problem for each row whose region would hang on a cycle or on nothing, until all others stand."""
    while True:
        parents = _parents([row for index, row in enumerate(rows) if index not in problems], standing)
        rooted = tree.lines_of_descent(parents)
        loose = [i for i, row in enumerate(rows) if i not in problems and row.code not in rooted]
        # Those that cause it first; what hangs on them may stand where it stood.
        causes = {i: problem for i in loose if (problem := _parent_problem(rows[i], parents))}
        if not causes:
            return
        problems.update(causes)


def _parent_problem(row: RegionRow, parents: Mapping[str, str | None]) -> Problem | None:
    if row.parent_code not in parents:
        return Problem("parent_code", say("unknown_code", code=row.parent_code or ""))
    if tree.in_cycle(row.code, parents):
        return Problem("parent_code", say("cycle", parent=row.parent_code or "", code=row.code))
    return None


def _parents(rows: Sequence[RegionRow], standing: Mapping[str, dict[str, Any]]) -> dict[str, str | None]:
    before = {code: region["parent_code"] for code, region in standing.items()}
    return {**before, **{row.code: row.parent_code for row in rows}}


def _region_rows(rows: Sequence[RegionRow], standing: Mapping[str, dict[str, Any]]) -> list[dict[str, Any]]:
    """Every region as it will be, parents before children."""
    names = {**{code: region["name"] for code, region in standing.items()}, **{row.code: row.name for row in rows}}
    ids = {code: standing[code]["id"] if code in standing else new_id() for code in names}
    lines = tree.lines_of_descent(_parents(rows, standing))
    return [
        {
            "id": ids[code],
            "code": code,
            "name": names[code],
            "parent_id": ids[line[-2]] if len(line) > 1 else None,
            "ancestor_ids": [ids[step] for step in line],
        }
        for code, line in sorted(lines.items(), key=lambda item: len(item[1]))
    ]
