"""Who has lately shared what needs a product: they should hear of it when it leaves the shelf."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, and_, distinct, func, select, tuple_

from kit.db import fetch_all
from kit.principal import Principal
from models import ContentProduct, ContentVersion, Forward, Staff, Store
from staff.scope import sees_guide

Row = dict[str, Any]


def list_forwarders(
    product_id: UUID, *, since: datetime, principal: Principal, after: Sequence[Any] | None, limit: int
) -> list[Row]:
    """Guides who still work here and since then shared content with the product, who did so last first.

    Only forwards that the principal sees count. A product that nobody shared, or that is unknown, has none.
    """
    found = _by_guide(product_id, since=since, principal=principal).subquery()
    statement = (
        select(found, Staff.name.label("guide_name"), Staff.staff_no, Staff.store_id, Store.name.label("store_name"))
        .join(Staff, Staff.id == found.c.guide_id)
        .join(Store, Store.id == Staff.store_id)
        .where(Staff.left_on.is_(None))
    )
    if after is not None:
        past = tuple_(datetime.fromisoformat(after[0]), UUID(after[1]))
        statement = statement.where(tuple_(found.c.last_forwarded_at, found.c.guide_id) < past)
    return list(fetch_all(statement.order_by(found.c.last_forwarded_at.desc(), found.c.guide_id.desc()).limit(limit)))


def _by_guide(product_id: UUID, *, since: datetime, principal: Principal) -> Select[*tuple[Any, ...]]:
    versions = (
        select(ContentVersion.id, ContentVersion.content_id)
        .join(ContentProduct, ContentProduct.content_version_id == ContentVersion.id)
        .where(ContentProduct.product_id == product_id)
        .distinct()
        .subquery()
    )
    return (
        select(
            Forward.guide_id,
            func.count().label("forwards"),
            func.count(distinct(Forward.content_id)).label("contents"),
            func.max(Forward.created_at).label("last_forwarded_at"),
        )
        # By content, too: that is what forwards are indexed by.
        .join(versions, and_(Forward.content_id == versions.c.content_id, Forward.content_version_id == versions.c.id))
        .where(Forward.created_at >= since, sees_guide(Forward.guide_id, Forward.store_id, principal))
        .group_by(Forward.guide_id)
    )
