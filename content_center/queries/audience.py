"""Whom a content is meant for, as SQL."""

from sqlalchemy import ColumnElement, and_, any_, func, or_, select, true

from kit.principal import Principal, Reach
from models import Content, Region, Store
from staff.scope import sees_store


def in_audience(principal: Principal) -> ColumnElement[bool]:
    """True for contents meant for a role of the principal's, in a store that the principal sees."""
    if principal.reach is Reach.ALL:
        return true()
    role = or_(func.cardinality(Content.audience_roles) == 0, Content.audience_roles.overlap(sorted(principal.roles)))
    place = (
        select(1)
        .select_from(Store)
        .join(Region, Region.id == Store.region_id)
        .where(sees_store(Store.id, principal), _meant_for_store())
        .correlate(Content)
        .exists()
    )
    return and_(role, place)


def _meant_for_store() -> ColumnElement[bool]:
    everywhere = and_(
        func.cardinality(Content.audience_store_ids) == 0, func.cardinality(Content.audience_region_ids) == 0
    )
    named = or_(
        everywhere,
        Store.id == any_(Content.audience_store_ids),
        Content.audience_region_ids.overlap(Region.ancestor_ids),
    )
    tagged = or_(func.cardinality(Content.audience_store_tags) == 0, Content.audience_store_tags.overlap(Store.tags))
    return and_(named, tagged)
