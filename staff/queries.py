"""All reads of the staff room."""

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, or_, select

from kit.db import db, fetch_all, fetch_one
from kit.errors import NotFound
from kit.principal import Principal
from models import ApiKey, Region, Staff, Store
from staff.scope import sees_store


class StoreNotFound(NotFound):
    """There is no such store within the principal's scope."""

    code = "store_not_found"


def find_staff_by_no(staff_no: str) -> Staff | None:
    """The member of staff whom tills know by `staff_no`, employed or not."""
    return db.session.scalar(select(Staff).where(Staff.staff_no == staff_no))


def find_employed(staff_id: UUID, *, on: date) -> dict[str, Any] | None:
    """Identity, roles and places of a member of staff who is employed on `on`."""
    columns = (Staff.id, Staff.name, Staff.roles, Staff.store_id, Staff.region_id)
    return fetch_one(select(*columns).where(Staff.id == staff_id, employed(on)))


def employed(on: date) -> ColumnElement[bool]:
    """True for staff rows whose dates of employment include `on`."""
    return (Staff.hired_on <= on) & or_(Staff.left_on.is_(None), Staff.left_on >= on)


def find_api_key(secret_hash: str) -> ApiKey | None:
    """The key with this hash, expired or not."""
    return db.session.scalar(select(ApiKey).where(ApiKey.secret_hash == secret_hash))


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
        )
        .outerjoin(Store, Staff.store_id == Store.id)
        .outerjoin(Region, Region.id == Staff.region_id)
        .where(Staff.id == staff_id)
    )
    profile = fetch_one(statement)
    if profile is None:
        raise NotFound
    return profile


def get_store(store_id: UUID, *, principal: Principal) -> Store:
    """A store within the principal's scope; raises StoreNotFound."""
    store = db.session.scalar(select(Store).where(Store.id == store_id, sees_store(Store.id, principal)))
    if store is None:
        raise StoreNotFound
    return store


def list_guides(store_id: UUID, *, on: date) -> list[dict[str, Any]]:
    """The guides employed at a store on a day, by staff number."""
    statement = (
        select(Staff.id, Staff.staff_no, Staff.name)
        .where(Staff.store_id == store_id, Staff.roles.contains(["guide"]), employed(on))
        .order_by(Staff.staff_no)
    )
    return list(fetch_all(statement))
