"""The one place that turns a principal's reach into SQL; every scoped query uses these conditions."""

from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, false, or_, select, true
from sqlalchemy.orm import InstrumentedAttribute

from kit.principal import Principal, Reach
from models import Region, Staff, Store

UuidColumn = InstrumentedAttribute[UUID] | InstrumentedAttribute[UUID | None] | ColumnElement[Any]


def sees_store(store_id: UuidColumn, principal: Principal) -> ColumnElement[bool]:
    """True for rows of the stores the principal sees: a guide their own store and where they cover today."""
    if principal.reach is Reach.ALL:
        return true()
    served = store_id.in_(principal.store_ids) if principal.store_ids else false()
    if principal.reach is Reach.REGION:
        inside = select(Store.id).join(Region).where(Region.ancestor_ids.contains([principal.region_id]))
        return or_(store_id.in_(inside), served)
    return served


def sees_guide(guide_id: UuidColumn, store_id: UuidColumn, principal: Principal) -> ColumnElement[bool]:
    """True for rows about the guides the principal sees: a guide sees only their own."""
    if principal.reach is Reach.SELF:
        return guide_id == principal.id
    return sees_store(store_id, principal)


def sees_region(principal: Principal) -> ColumnElement[bool]:
    """True for the regions the principal sees: a regional manager their subtree, a store's people its region."""
    if principal.reach is Reach.ALL:
        return true()
    of_stores = select(Store.region_id).where(Store.id.in_(principal.store_ids))
    if principal.reach is Reach.REGION:
        return or_(Region.ancestor_ids.contains([principal.region_id]), Region.id.in_(of_stores))
    return Region.id.in_(of_stores)


def sees_person(principal: Principal) -> ColumnElement[bool]:
    """True for the people the principal sees: those of the stores in sight, and a region's own managers."""
    if principal.reach is Reach.ALL:
        return true()
    if principal.reach is Reach.SELF:
        return Staff.id == principal.id
    seen = or_(Staff.id == principal.id, sees_store(Staff.store_id, principal))
    if principal.reach is Reach.REGION:
        return or_(seen, Staff.region_id.in_(_subtree(principal)))
    return seen


def _subtree(principal: Principal) -> Select[UUID]:
    return select(Region.id).where(Region.ancestor_ids.contains([principal.region_id]))
