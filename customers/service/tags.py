"""Words about customers: where each came from, since when, and until when."""

from collections.abc import Collection, Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy import text, update
from sqlalchemy.dialects.postgresql import insert

from customers import queries
from customers.service.identities import touch
from kit.db import db
from kit.errors import Conflict
from kit.principal import Principal
from kit.words import say
from models import CustomerTag

MAX_TAGS = 50
LIVE = text("removed_at IS NULL")


class TooManyTags(Conflict):
    """A customer has so many tags only."""

    code = "too_many_tags"


def change_tags(
    *,
    customer_id: UUID,
    add: Collection[str],
    remove: Collection[str],
    origin: str,
    by: Principal,
    now: datetime,
) -> None:
    """Add and take away tags of a customer; those that are there or gone already stay so. Raises TooManyTags."""
    customer = queries.hold_customer(customer_id)
    before = queries.find_tags(customer_id)
    if len((before - set(remove)) | set(add)) > MAX_TAGS:
        raise TooManyTags(say("too_many_tags", max=MAX_TAGS))
    staff_id = by.id if by.kind == "staff" else None
    gone = (before & set(remove)) - set(add)
    remove_tags(customer_id, gone, removed_by=staff_id, now=now)
    added = add_tags([(customer_id, tag) for tag in sorted(set(add))], origin=origin, set_by=staff_id, now=now)
    if added or gone:
        touch(customer, now=now)


def add_tags(pairs: Iterable[tuple[UUID, str]], *, origin: str, set_by: UUID | None, now: datetime) -> int:
    """Give customers tags, as many as are needed; how many were new."""
    rows = [
        {"customer_id": customer_id, "tag": tag, "origin": origin, "set_by": set_by, "created_at": now}
        for customer_id, tag in pairs
    ]
    if not rows:
        return 0
    live = insert(CustomerTag).on_conflict_do_nothing(index_elements=["customer_id", "tag"], index_where=LIVE)
    return len(db.session.scalars(live.returning(CustomerTag.id), rows).all())


def remove_tags(customer_id: UUID, tags: Collection[str], *, removed_by: UUID | None, now: datetime) -> None:
    """End these tags of a customer; their history stays."""
    theirs = update(CustomerTag).where(CustomerTag.customer_id == customer_id, CustomerTag.removed_at.is_(None))
    db.session.execute(theirs.where(CustomerTag.tag.in_(tags)).values(removed_at=now, removed_by=removed_by))
