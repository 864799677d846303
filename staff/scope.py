"""The one place that turns a principal's reach into SQL; every scoped query uses these conditions."""

from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, false, select, true
from sqlalchemy.orm import InstrumentedAttribute

from kit.principal import Principal, Reach
from models import Region, Store

UuidColumn = InstrumentedAttribute[UUID] | InstrumentedAttribute[UUID | None] | ColumnElement[Any]


def sees_store(store_id: UuidColumn, principal: Principal) -> ColumnElement[bool]:
    """True for rows of the stores the principal sees; a guide sees their own store."""
    if principal.reach is Reach.ALL:
        return true()
    if principal.reach is Reach.REGION:
        inside = select(Store.id).join(Region).where(Region.ancestor_ids.contains([principal.region_id]))
        return store_id.in_(inside)
    return store_id == principal.store_id if principal.store_id else false()


def sees_guide(guide_id: UuidColumn, store_id: UuidColumn, principal: Principal) -> ColumnElement[bool]:
    """True for rows about the guides the principal sees: a guide sees only their own."""
    if principal.reach is Reach.SELF:
        return guide_id == principal.id
    return sees_store(store_id, principal)
