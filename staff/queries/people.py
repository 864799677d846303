"""Reads of people."""

from collections.abc import Collection
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Date, Select, cast, func, or_, select

from kit import clock, locks
from kit.codes import fold_code
from kit.db import db, fetch_all, fetch_one
from kit.errors import NotFound
from kit.principal import Principal
from models import Region, Staff, Store
from staff.queries.match import code_contains, contains, one_of
from staff.queries.placements import placed_on
from staff.queries.stores import Home
from staff.scope import covers_today, sees_person

# The database's own guard, the trigger `keep_an_admin`, takes the same.
# A trigger holds it, too (models/guards/staff.sql).
ADMINS_LOCK = "administrators"


class StaffNotFound(NotFound):
    """There is no such member of staff within the principal's scope."""

    code = "staff_not_found"


def find_staff_by_no(staff_no: str) -> Staff | None:
    """The member of staff whom tills know by `staff_no`, employed or not."""
    return db.session.scalar(select(Staff).where(Staff.staff_no_key == fold_code(staff_no)))


def find_staff_in_wecom(user_id: str) -> Staff | None:
    """The member of staff whom WeCom knows by this user id: who was given it, else whose staff number it is."""
    given = db.session.scalar(select(Staff).where(func.lower(Staff.wecom_user_id) == user_id.lower()))
    if given is not None:
        return given
    by_number = find_staff_by_no(user_id)
    return by_number if by_number is not None and by_number.wecom_user_id is None else None


def find_wecom_owners(user_ids: Collection[str]) -> dict[str, str]:
    """The keys of the staff numbers of whom WeCom knows by these user ids (in lower case), by user id."""
    in_lower_case = func.lower(Staff.wecom_user_id)
    rows = db.session.execute(select(in_lower_case, Staff.staff_no_key).where(in_lower_case.in_(user_ids)))
    return {user_id: key for user_id, key in rows}  # noqa: C416 - dict() of rows defeats the type checker


def find_staff_ids(staff_nos: Collection[str]) -> dict[str, UUID]:
    """Ids of those of the people that exist, by the key of their staff number (kit/codes.py)."""
    rows = db.session.execute(select(Staff.staff_no_key, Staff.id).where(one_of(Staff.staff_no_key, staff_nos)))
    return {key: staff_id for key, staff_id in rows}  # noqa: C416 - dict() of rows defeats the type checker


def find_held_roles(staff_nos: Collection[str]) -> dict[str, list[str]]:
    """The roles of those of the people that exist, by the key of their staff number."""
    rows = db.session.execute(select(Staff.staff_no_key, Staff.roles).where(one_of(Staff.staff_no_key, staff_nos)))
    return {key: roles for key, roles in rows}  # noqa: C416 - dict() of rows defeats the type checker


class Worker(NamedTuple):
    """Somebody who may be placed, and when they are employed."""

    id: UUID
    key: str
    hired_on: date
    left_on: date | None


def find_workers(keys: Collection[str]) -> list[Worker]:
    """These people, by the key of their staff number."""
    return [Worker(*row) for row in db.session.execute(_workers(keys))]


def lock_workers(keys: Collection[str]) -> list[Worker]:
    """These people by the key of their staff number, kept from other changes until the unit of work ends."""
    return [Worker(*row) for row in db.session.execute(_workers(keys).with_for_update(key_share=True))]


def _workers(keys: Collection[str]) -> Select[UUID, str, date, date | None]:
    columns = (Staff.id, Staff.staff_no_key, Staff.hired_on, Staff.left_on)
    return select(*columns).where(one_of(Staff.staff_no_key, keys)).order_by(Staff.staff_no_key)


def employed(on: date) -> ColumnElement[bool]:
    """True for staff rows whose dates of employment include `on`."""
    return (Staff.hired_on <= on) & or_(Staff.left_on.is_(None), Staff.left_on >= on)


def employed_now(now: datetime) -> ColumnElement[bool]:
    """True for staff rows whose dates of employment include today, where the person works."""
    zone = select(Store.time_zone).where(Store.id == Staff.store_id).correlate(Staff).scalar_subquery()
    today: ColumnElement[date] = cast(func.timezone(func.coalesce(zone, Home().time_zone), now), Date)
    return (Staff.hired_on <= today) & or_(Staff.left_on.is_(None), Staff.left_on >= today)


def today_of(person: Staff, *, now: datetime) -> date:
    """Which day it is where somebody works: in their store, in Shanghai for those without one."""
    found = db.session.scalar(select(Store.time_zone).where(Store.id == person.store_id)) if person.store_id else None
    return clock.business_day(now, found or Home().time_zone)


def get_profile(staff_id: UUID) -> dict[str, Any]:
    """What `/v1/me` shows of a member of staff."""
    statement = (
        select(
            Staff.id,
            Staff.staff_no,
            Staff.name,
            Staff.roles,
            Staff.store_id,
            Store.code.label("store_code"),
            Store.name.label("store_name"),
            Store.time_zone,
            Region.id.label("region_id"),
            Region.name.label("region_name"),
            Staff.portrait_key,
            Staff.phone,
            Staff.wecom_user_id,
        )
        .outerjoin(Store, Staff.store_id == Store.id)
        .outerjoin(Region, Region.id == Staff.region_id)
        .where(Staff.id == staff_id)
    )
    profile = fetch_one(statement)
    if profile is None:
        raise NotFound
    return profile


def list_staff(
    *,
    principal: Principal,
    after: list[Any] | None,
    limit: int,
    store_id: UUID | None = None,
    region_id: UUID | None = None,
    role: str | None = None,
    employed_on: date | None = None,
    q: str | None = None,
) -> list[dict[str, Any]]:
    """People in scope by staff number, past the staff number `after`; `q` is part of a number or name."""
    statement = _person().where(sees_person(principal)).order_by(Staff.staff_no).limit(limit)
    if after:
        statement = statement.where(Staff.staff_no > after[0])
    if store_id:
        covers = covers_today([store_id], now=clock.now())
        here = placed_on(Staff.id, store_id, employed_on) if employed_on else or_(Staff.store_id == store_id, covers)
        statement = statement.where(here)
    if region_id:
        statement = statement.where(_in_region(region_id))
    if role:
        statement = statement.where(Staff.roles.contains([role]))
    if employed_on:
        statement = statement.where(employed(employed_on))
    if q:
        statement = statement.where(or_(code_contains(Staff.staff_no_key, q), contains(Staff.name, q)))
    return list(fetch_all(statement))


def get_person(staff_id: UUID, *, principal: Principal) -> dict[str, Any]:
    """A member of staff within the principal's scope; raises StaffNotFound."""
    person = fetch_one(_person().where(Staff.id == staff_id, sees_person(principal)))
    if person is None:
        raise StaffNotFound
    return person


def list_to_invite(*, store_id: UUID | None, everybody: bool, now: datetime, limit: int) -> list[dict[str, Any]]:
    """Those employed now, of one store or of all, by store and staff number; only who has no password yet, unless
    `everybody` is asked for."""
    columns = (Staff.id, Staff.staff_no, Staff.name, Store.code.label("store_code"), Store.name.label("store_name"))
    statement = select(*columns).outerjoin(Store, Store.id == Staff.store_id).where(employed_now(now))
    if store_id is not None:
        statement = statement.where(Staff.store_id == store_id)
    if not everybody:
        statement = statement.where(Staff.password_hash.is_(None))
    return list(fetch_all(statement.order_by(Store.code.nulls_last(), Staff.staff_no).limit(limit)))


def lock_admins() -> None:
    """Let nobody else change who is an administrator until the unit of work ends; comes before any lock of a person."""
    locks.hold(ADMINS_LOCK)


def list_admins(*, on: date) -> list[str]:
    """Staff numbers of the administrators of a day whose leaving is not set."""
    statement = select(Staff.staff_no).where(
        Staff.roles.contains(["hq_admin"]), Staff.hired_on <= on, Staff.left_on.is_(None)
    )
    return list(db.session.scalars(statement))


def lock_person(staff_id: UUID) -> Staff:
    """A member of staff, kept from other changes until the unit of work ends; raises StaffNotFound."""
    wanted = select(Staff).where(Staff.id == staff_id).with_for_update(of=Staff, key_share=True)
    # The database itself writes the store and roles, too.
    person = db.session.scalar(wanted.execution_options(populate_existing=True))
    if person is None:
        raise StaffNotFound
    return person


def _in_region(region_id: UUID) -> ColumnElement[bool]:
    inside = select(Region.id).where(Region.ancestor_ids.contains([region_id]))
    return or_(Staff.store_id.in_(select(Store.id).where(Store.region_id.in_(inside))), Staff.region_id.in_(inside))


def _person() -> Select[*tuple[Any, ...]]:
    return (
        select(
            Staff.id,
            Staff.staff_no,
            Staff.name,
            Staff.roles,
            Staff.store_id,
            Store.code.label("store_code"),
            Store.name.label("store_name"),
            Staff.region_id,
            Region.code.label("region_code"),
            Staff.hired_on,
            Staff.left_on,
            Staff.portrait_key,
            Staff.phone,
            Staff.wecom_user_id,
            Staff.version,
        )
        .outerjoin(Store, Store.id == Staff.store_id)
        .outerjoin(Region, Region.id == Staff.region_id)
    )
