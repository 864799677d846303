"""Receipts whose seller nobody knows, for who manages the store."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select

from kit.db import db
from kit.principal import Principal
from models import OrderReject
from orders.queries.rejects import RejectNotFound, RejectRow, find_rejects, get_reject
from staff.scope import Listed, Page, read_page, sees_store

NEWEST = Listed(keys=(OrderReject.id,), guide_id=None, store_id=OrderReject.store_id)
# As the index has it.
IS_UNKNOWN = OrderReject.code == "unknown_guide"


def list_unknown_sellers(
    *, store_id: UUID | None, principal: Principal, after: Sequence[str] | None, limit: int
) -> list[RejectRow]:
    """Receipts of the stores in sight that name somebody unknown, the newest first, past the id in `after`."""
    page = Page(limit=limit, after=after and (UUID(after[0]),), where=(IS_UNKNOWN,), store_id=store_id)
    found = read_page(
        NEWEST, page, principal=principal, read=lambda theirs: [row._asdict() for row in find_rejects(theirs)]
    )
    return [RejectRow(**row) for row in found]


def get_unknown_seller(reject_id: UUID, *, principal: Principal) -> tuple[RejectRow, bytes]:
    """One in sight, with the item as it was sent; raises RejectNotFound."""
    seen = select(OrderReject.id).where(
        OrderReject.id == reject_id, IS_UNKNOWN, sees_store(OrderReject.store_id, principal)
    )
    if db.session.scalar(seen) is None:
        raise RejectNotFound
    return get_reject(reject_id)
