"""Reads of regions."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select, text
from sqlalchemy.orm import aliased

from kit.db import db, fetch_all, fetch_one
from kit.errors import NotFound
from kit.principal import Principal
from models import Region
from staff.queries.match import one_of
from staff.scope import sees_region


class RegionNotFound(NotFound):
    """There is no such region within the principal's scope."""

    code = "region_not_found"


def lock_region_tree() -> None:
    """Wait until nobody else changes the tree; two moves at once could close a cycle."""
    db.session.execute(text("LOCK TABLE region IN SHARE ROW EXCLUSIVE MODE"))


def list_region_tree() -> list[dict[str, Any]]:
    """Every region with its parent's code."""
    parent = aliased(Region)
    columns = (Region.id, Region.code, Region.name, parent.code.label("parent_code"))
    return list(fetch_all(select(*columns).outerjoin(parent, parent.id == Region.parent_id)))


def find_region_ids(codes: Collection[str]) -> dict[str, UUID]:
    """Ids of those of the regions that exist, by the key of their code (kit/codes.py)."""
    rows = db.session.execute(select(Region.code_key, Region.id).where(one_of(Region.code_key, codes)))
    return {key: region_id for key, region_id in rows}  # noqa: C416 - dict() of rows defeats the type checker


def find_region_code(region_id: UUID | None) -> str | None:
    """The code of a region, or None for none."""
    return db.session.scalar(select(Region.code).where(Region.id == region_id)) if region_id else None


def list_regions(
    *, principal: Principal, after: list[Any] | None, limit: int, parent_id: UUID | None = None
) -> list[dict[str, Any]]:
    """Regions in scope by code, past the code `after`."""
    statement = _region().where(sees_region(principal)).order_by(Region.code).limit(limit)
    if after:
        statement = statement.where(Region.code > after[0])
    if parent_id:
        statement = statement.where(Region.parent_id == parent_id)
    return list(fetch_all(statement))


def get_region(region_id: UUID, *, principal: Principal) -> dict[str, Any]:
    """A region within the principal's scope; raises RegionNotFound."""
    region = fetch_one(_region().where(Region.id == region_id, sees_region(principal)))
    if region is None:
        raise RegionNotFound
    return region


def lock_region(region_id: UUID) -> Region:
    """A region, kept from other changes until the unit of work ends; raises RegionNotFound."""
    region = db.session.scalar(select(Region).where(Region.id == region_id).with_for_update(key_share=True))
    if region is None:
        raise RegionNotFound
    return region


def _region() -> Select[*tuple[Any, ...]]:
    parent = aliased(Region)
    return select(
        Region.id,
        Region.code,
        Region.name,
        Region.parent_id,
        parent.code.label("parent_code"),
        Region.ancestor_ids,
        Region.version,
    ).outerjoin(parent, parent.id == Region.parent_id)
