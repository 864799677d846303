"""What rows of a sheet name: regions, stores and guides within the principal's scope."""

from collections.abc import Collection
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Text, any_, literal, select
from sqlalchemy.dialects.postgresql import ARRAY

from kit.codes import fold_code, is_code
from kit.db import db
from kit.principal import Principal
from models import Region, Staff, Store
from staff.scope import sees_region, sees_store


class StoreRef(NamedTuple):
    """A store that a row names."""

    id: UUID
    currency: str
    time_zone: str


class GuideRef(NamedTuple):
    """A guide that a row names, with their store."""

    id: UUID
    store: StoreRef


def find_regions(codes: Collection[str], *, principal: Principal) -> dict[str, UUID]:
    """Regions in scope by the key of their code."""
    wanted = select(Region.code_key, Region.id).where(Region.code_key == _any(codes), sees_region(principal))
    return {key: region_id for key, region_id in db.session.execute(wanted)}  # noqa: C416 - dict() defeats mypy


def find_stores(codes: Collection[str], *, principal: Principal) -> dict[str, StoreRef]:
    """Stores in scope by the key of their code."""
    columns = (Store.code_key, Store.id, Store.currency, Store.time_zone)
    wanted = select(*columns).where(Store.code_key == _any(codes), sees_store(Store.id, principal))
    return {row[0]: StoreRef(row[1], row[2], row[3]) for row in db.session.execute(wanted)}


def find_guides(staff_nos: Collection[str], *, principal: Principal) -> dict[str, GuideRef]:
    """Guides in scope by the key of their staff number."""
    columns = (Staff.staff_no_key, Staff.id, Store.id, Store.currency, Store.time_zone)
    wanted = select(*columns).join(Store, Store.id == Staff.store_id)
    wanted = wanted.where(
        Staff.staff_no_key == _any(staff_nos), Staff.roles.contains(["guide"]), sees_store(Store.id, principal)
    )
    return {row[0]: GuideRef(row[1], StoreRef(row[2], row[3], row[4])) for row in db.session.execute(wanted)}


def _any(codes: Collection[str]) -> ColumnElement[Any]:
    return any_(literal([fold_code(code) for code in codes if is_code(code)], ARRAY(Text)))
