"""All reads of the staff room."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Text, any_, literal, or_, select, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import aliased

from kit.db import db, fetch_all, fetch_one
from kit.errors import NotFound
from kit.principal import Principal
from models import ApiKey, Region, Staff, Store
from staff.scope import sees_store


class StoreNotFound(NotFound):
    """There is no such store within the principal's scope."""

    code = "store_not_found"


@dataclass(frozen=True, kw_only=True, slots=True)
class Home:
    """Which day it is for a principal, and in which currency they read sums."""

    time_zone: str = "UTC"
    currency: str = "CNY"


def home_of(principal: Principal) -> Home:
    """The zone and currency of the principal's own store; UTC and CNY for those without one."""
    own = fetch_one(select(Store.time_zone, Store.currency).where(Store.id == principal.store_id))
    return Home(**own) if own else Home()


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


def lock_region_tree() -> None:
    """Wait until nobody else changes the tree; two moves at once could close a cycle."""
    db.session.execute(text("LOCK TABLE region IN SHARE ROW EXCLUSIVE MODE"))


def list_region_tree() -> list[dict[str, Any]]:
    """Every region with its parent's code."""
    parent = aliased(Region)
    columns = (Region.id, Region.code, Region.name, parent.code.label("parent_code"))
    return list(fetch_all(select(*columns).outerjoin(parent, parent.id == Region.parent_id)))


def find_region_ids(codes: Collection[str]) -> dict[str, UUID]:
    """Ids of those of the regions that exist, by code."""
    rows = db.session.execute(select(Region.code, Region.id).where(Region.code == any_(_texts(codes))))
    return dict(rows.all())


def find_store_ids(codes: Collection[str]) -> dict[str, UUID]:
    """Ids of those of the stores that exist, by code."""
    rows = db.session.execute(select(Store.code, Store.id).where(Store.code == any_(_texts(codes))))
    return dict(rows.all())


def _texts(codes: Collection[str]) -> ColumnElement[Any]:
    return literal(list(codes), ARRAY(Text))
