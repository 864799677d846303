"""Whose figures are asked for: a guide's, a store's or a region's, within what the principal sees."""

from collections.abc import Sequence
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Uuid, and_, any_, literal, or_, select, true
from sqlalchemy.dialects.postgresql import ARRAY

from kit.db import db
from kit.principal import Principal, Reach
from models import Region, Store
from staff.queries import Home, get_person, get_region, get_store
from staff.queries.regions import RegionNotFound
from staff.scope import sees_store

# Whose calendar counts for those without a store.
COUNTRY = "CN"


class Scope(NamedTuple):
    """Which rows count: a guide's in any store or in some, or those of some stores."""

    guide_id: UUID | None = None
    store_ids: Sequence[UUID] | None = None

    def holds(self, guide_id: Any, store_id: Any) -> ColumnElement[bool]:
        """True for rows that count."""
        by_guide = guide_id == self.guide_id if self.guide_id else true()
        return and_(by_guide, self.is_at(store_id))

    def is_at(self, store_id: Any) -> ColumnElement[bool]:
        """True for rows of the stores that count."""
        if self.store_ids is None:
            return true()
        found: ColumnElement[bool] = store_id == any_(literal(list(self.store_ids), ARRAY(Uuid)))
        return found


class Subject(NamedTuple):
    """Whose figures: a guide, store or region, where they are, and which rows count."""

    kind: str
    id: UUID
    code: str
    name: str
    time_zone: str
    currency: str
    country: str
    scope: Scope


def find_guide(staff_id: UUID, *, principal: Principal) -> Subject:
    """Somebody's figures: their own wherever they were, others' in the stores in sight. Raises StaffNotFound."""
    person = get_person(staff_id, principal=principal)
    whole = principal.reach is Reach.ALL or staff_id == principal.id
    seen = None if whole else db.session.scalars(select(Store.id).where(sees_store(Store.id, principal))).all()
    home = db.session.get(Store, person["store_id"]) if person["store_id"] else Home()
    zone, currency = (home.time_zone, home.currency) if home else (Home().time_zone, Home().currency)
    country = home.country if isinstance(home, Store) else COUNTRY
    scope = Scope(staff_id, seen)
    return Subject("guide", staff_id, person["staff_no"], person["name"], zone, currency, country, scope)


def find_store(store_id: UUID, *, principal: Principal) -> Subject:
    """A store's figures. Raises StoreNotFound."""
    store = get_store(store_id, principal=principal)
    scope = Scope(store_ids=[store.id])
    where = (store.time_zone, store.currency, store.country)
    return Subject("store", store.id, store.code, store.name, *where, scope)


def find_region(region_id: UUID, *, principal: Principal) -> Subject:
    """The figures of a region with all below it, for who sees each of its stores. Raises RegionNotFound."""
    region = get_region(region_id, principal=principal)
    inside = select(Store).join(Region).where(Region.ancestor_ids.contains([region_id]))
    if db.session.scalar(select(inside.where(~sees_store(Store.id, principal)).exists())):
        raise RegionNotFound
    stores = db.session.scalars(inside).all()
    zone = _most([store.time_zone for store in stores]) or Home().time_zone
    currency = _most([store.currency for store in stores]) or Home().currency
    country = _most([store.country for store in stores]) or COUNTRY
    scope = Scope(store_ids=[store.id for store in stores])
    return Subject("region", region_id, region["code"], region["name"], zone, currency, country, scope)


def like_for_like(subject: Subject, *, first: date, last: date) -> Subject:
    """The subject with those of its stores only that were open from `first` to `last`."""
    is_open = and_(Store.opened_on <= first, or_(Store.closed_on.is_(None), Store.closed_on >= last))
    kept = db.session.scalars(select(Store.id).where(subject.scope.is_at(Store.id), is_open)).all()
    return subject._replace(scope=subject.scope._replace(store_ids=kept))


def _most(values: Sequence[str]) -> str | None:
    """What most have; of equals the first by the alphabet."""
    return max(sorted(set(values)), key=values.count, default=None)
