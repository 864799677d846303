"""Whom a content is meant for, as SQL text: for lists that are read all day."""

from typing import Any

from kit.principal import Principal, Reach
from staff.rules import acting_as

# The stores within sight, as `staff.scope.sees_store` has it, found once for a statement and not for every row.
_SERVED = "SELECT s.tags, r.ancestor_ids, s.id FROM store s JOIN region r ON r.id = s.region_id"
_BY_STORE = f"{_SERVED} WHERE s.id = ANY(:store_ids)"
_BY_REGION = f"{_BY_STORE} OR r.ancestor_ids @> ARRAY[CAST(:region_id AS uuid)]"
_SIGHT = {Reach.SELF: _BY_STORE, Reach.STORE: _BY_STORE, Reach.REGION: _BY_REGION}

_ROLES = "(c.audience_roles = '{}' OR c.audience_roles && CAST(:roles AS text[]))"
_FOR_ALL_STORES = "c.audience_store_ids = '{}' AND c.audience_region_ids = '{}'"
_MEANT = f"""(
  {_ROLES} AND EXISTS (
    SELECT FROM sight
    WHERE (c.audience_store_tags = '{{}}' OR c.audience_store_tags && sight.tags)
      AND ({_FOR_ALL_STORES} OR sight.id = ANY(c.audience_store_ids) OR c.audience_region_ids && sight.ancestor_ids)
  )
)"""
# A region may have thousands of stores, and a content names a few: each part begins with what is named.
_TAGGED = "(c.audience_store_tags = '{}' OR c.audience_store_tags && s.tags)"
_SEEN = "(s.id = ANY(:store_ids) OR r.ancestor_ids @> ARRAY[CAST(:region_id AS uuid)])"
_MEANT_IN_REGION = f"""(
  {_ROLES} AND (
    {_FOR_ALL_STORES} AND EXISTS (SELECT FROM sight s WHERE {_TAGGED})
    OR EXISTS (
      SELECT FROM store s JOIN region r ON r.id = s.region_id
      WHERE s.id = ANY(c.audience_store_ids) AND {_SEEN} AND {_TAGGED})
    OR EXISTS (
      SELECT FROM region r JOIN store s ON s.region_id = r.id
      WHERE c.audience_region_ids && r.ancestor_ids AND r.ancestor_ids @> ARRAY[CAST(:region_id AS uuid)] AND {_TAGGED})
    OR EXISTS (
      SELECT FROM store s JOIN region r ON r.id = s.region_id
      WHERE s.id = ANY(:store_ids) AND c.audience_region_ids && r.ancestor_ids AND {_TAGGED})
  )
)"""  # noqa: S608 - constants
_MEANT_FOR = {Reach.SELF: _MEANT, Reach.STORE: _MEANT, Reach.REGION: _MEANT_IN_REGION, Reach.ALL: "true"}


def sight(reach: Reach) -> str:
    """The opening `WITH` that `meant_for` needs; empty for those who see everything."""
    return f"WITH sight AS MATERIALIZED ({_SIGHT[reach]}) " if reach is not Reach.ALL else ""


def meant_for(reach: Reach) -> str:
    """A condition on `content c`: meant for a role of the principal's, in a store that the principal sees."""
    return _MEANT_FOR[reach]


def sight_of(principal: Principal, *, reach: Reach) -> dict[str, Any]:
    """The parameters of both, for a principal who looks as far as `reach`."""
    if reach is Reach.ALL:
        return {}
    found: dict[str, Any] = {"roles": sorted(acting_as(principal.roles)), "store_ids": list(principal.store_ids)}
    return {**found, "region_id": principal.region_id} if reach is Reach.REGION else found
