"""Reads of stores."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ScalarSelect, Select, or_, select, text

from kit import clock
from kit.db import db, fetch_all, fetch_one
from kit.errors import NotFound
from kit.principal import Principal
from models import Region, Store, StoreArea
from staff.queries.match import code_contains, contains, day_in, one_of
from staff.scope import sees_store


class StoreNotFound(NotFound):
    """There is no such store within the principal's scope."""

    code = "store_not_found"


class CoverNotFound(NotFound):
    """There is no such cover in this store."""

    code = "cover_not_found"


@dataclass(frozen=True, kw_only=True, slots=True)
class Home:
    """Which day it is for a principal, and in which currency they read sums."""

    # Of those without a store, as of a store that nobody told otherwise (models/staff.py).
    time_zone: str = "Asia/Shanghai"
    currency: str = "CNY"


HOME = text("SELECT time_zone, currency FROM store WHERE id = :store_id")


def home_of(principal: Principal) -> Home:
    """The zone and currency of the principal's own store; Shanghai's and CNY for those without one."""
    own = fetch_one(HOME, {"store_id": principal.store_id}) if principal.store_id else None
    return Home(**own) if own else Home()


def get_store(store_id: UUID, *, principal: Principal) -> Store:
    """A store within the principal's scope; raises StoreNotFound."""
    store = db.session.scalar(select(Store).where(Store.id == store_id, sees_store(Store.id, principal)))
    if store is None:
        raise StoreNotFound
    return store


def find_store_ids(codes: Collection[str]) -> dict[str, UUID]:
    """Ids of those of the stores that exist, by the key of their code (kit/codes.py)."""
    rows = db.session.execute(select(Store.code_key, Store.id).where(one_of(Store.code_key, codes)))
    return {key: store_id for key, store_id in rows}  # noqa: C416 - dict() of rows defeats the type checker


def find_stores_in_sight(codes: Collection[str], *, principal: Principal) -> dict[str, UUID]:
    """Ids of those of the stores that the principal sees, by the key of their code."""
    wanted = select(Store.code_key, Store.id).where(one_of(Store.code_key, codes), sees_store(Store.id, principal))
    return {key: store_id for key, store_id in db.session.execute(wanted)}  # noqa: C416 - dict() defeats mypy


def find_zones(store_ids: Collection[UUID]) -> dict[UUID, str]:
    """The time zones of stores."""
    rows = db.session.execute(select(Store.id, Store.time_zone).where(Store.id.in_(store_ids)))
    return {store_id: zone for store_id, zone in rows}  # noqa: C416 - dict() of rows defeats the type checker


def find_store_code(store_id: UUID | None) -> str | None:
    """The code of a store, or None for none."""
    return db.session.scalar(select(Store.code).where(Store.id == store_id)) if store_id else None


def list_stores(
    *,
    principal: Principal,
    after: list[Any] | None,
    limit: int,
    region_id: UUID | None = None,
    tag: str | None = None,
    open_on: date | None = None,
    q: str | None = None,
) -> list[dict[str, Any]]:
    """Stores in scope by code, past the code `after`; `q` is part of a code or name."""
    statement = _store().where(sees_store(Store.id, principal)).order_by(Store.code).limit(limit)
    if after:
        statement = statement.where(Store.code > after[0])
    if region_id:
        statement = statement.where(Region.ancestor_ids.contains([region_id]))
    if tag:
        statement = statement.where(Store.tags.contains([tag]))
    if open_on:
        closed = (Store.closed_on.is_not(None)) & (Store.closed_on < open_on)
        statement = statement.where(Store.opened_on <= open_on, ~closed)
    if q:
        statement = statement.where(or_(code_contains(Store.code_key, q), contains(Store.name, q)))
    return list(fetch_all(statement))


def get_store_detail(store_id: UUID, *, principal: Principal) -> dict[str, Any]:
    """What `/v1/stores/{id}` shows; raises StoreNotFound."""
    store = fetch_one(_store().where(Store.id == store_id, sees_store(Store.id, principal)))
    if store is None:
        raise StoreNotFound
    return store


def lock_store(store_id: UUID) -> Store:
    """A store, kept from other changes until the unit of work ends; raises StoreNotFound."""
    store = db.session.scalar(select(Store).where(Store.id == store_id).with_for_update(key_share=True))
    if store is None:
        raise StoreNotFound
    return store


def list_areas(store_id: UUID) -> list[dict[str, Any]]:
    """A store's selling areas, by the day from which each holds."""
    areas = select(StoreArea.valid_from, StoreArea.area_m2).where(StoreArea.store_id == store_id)
    return list(fetch_all(areas.order_by(StoreArea.valid_from)))


def _area_on(at: datetime) -> ScalarSelect[int]:
    """The selling area on the store's day of `at`."""
    held = select(StoreArea.area_m2).where(StoreArea.store_id == Store.id)
    newest = held.where(StoreArea.valid_from <= day_in(Store.time_zone, at)).order_by(StoreArea.valid_from.desc())
    return newest.limit(1).correlate(Store).scalar_subquery()


def _store() -> Select[*tuple[Any, ...]]:
    return select(
        Store.id,
        Store.code,
        Store.name,
        Store.region_id,
        Region.code.label("region_code"),
        Region.name.label("region_name"),
        Store.time_zone,
        Store.currency,
        Store.country,
        Store.city,
        Store.normal_minutes,
        _area_on(clock.now()).label("area_m2"),
        Store.tags,
        Store.opened_on,
        Store.closed_on,
        Store.version,
    ).join(Region, Region.id == Store.region_id)
