"""The one place that turns a principal's reach into SQL; every scoped query uses these conditions."""

from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, Uuid, any_, bindparam, false, or_, select, true
from sqlalchemy.dialects.postgresql import ARRAY, array
from sqlalchemy.orm import InstrumentedAttribute

from kit.principal import Principal, Reach
from models import Region, Staff, Store
from staff.rules import SELLERS

UuidColumn = InstrumentedAttribute[UUID] | InstrumentedAttribute[UUID | None] | ColumnElement[Any]


STORES_OF_REGION = """
SELECT s.id FROM store s JOIN region r ON r.id = s.region_id
WHERE r.ancestor_ids @> ARRAY[CAST(:caller_region_id AS uuid)]"""


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


def guide_in_sight(guide_id: UuidColumn, store_id: UuidColumn, reach: Reach) -> ColumnElement[bool]:
    """`sees_guide` for a statement that is built once for a reach; its values come with `sight_of`."""
    if reach is Reach.ALL:
        return true()
    if reach is Reach.SELF:
        return guide_id == bindparam("caller_id", type_=Uuid)
    served = store_id == any_(bindparam("caller_store_ids", type_=ARRAY(Uuid)))
    if reach is Reach.REGION:
        region_id = array([bindparam("caller_region_id", type_=Uuid)])
        return or_(served, store_id.in_(select(Store.id).join(Region).where(Region.ancestor_ids.contains(region_id))))
    return served


def guide_in_sight_as_text(guide_id: str, store_id: str, reach: Reach) -> str:
    """`guide_in_sight` for a statement written as text, of the columns that have these names in it."""
    served = f"{store_id} = ANY(:caller_store_ids)"
    inside = f"{store_id} IN ({STORES_OF_REGION})"
    return {
        Reach.ALL: "true",
        Reach.SELF: f"{guide_id} = :caller_id",
        Reach.STORE: served,
        Reach.REGION: f"({served} OR {inside})",
    }[reach]


def sells(roles: InstrumentedAttribute[list[str]]) -> ColumnElement[bool]:
    """True for who serves customers in a store: guides, and managers, who sell, too."""
    found: ColumnElement[bool] = roles.overlap(sorted(SELLERS))
    return found


def sells_as_text(roles: str) -> str:
    """`sells` for a statement written as text, of the column that has this name in it."""
    return f"{roles} && ARRAY{sorted(SELLERS)}"


def sight_of(principal: Principal) -> dict[str, Any]:
    """The parameters of `guide_in_sight`."""
    return {
        "caller_id": principal.id,
        "caller_store_ids": list(principal.store_ids),
        "caller_region_id": principal.region_id,
    }


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
