"""Which orders are owed a posting: those whose revision is ahead of what the ledger last worked on."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Select, Uuid, any_, func, literal, select
from sqlalchemy.dialects.postgresql import ARRAY

from kit.db import LONGEST_TRANSACTION, db
from models import Order, OrderPosting, PostingSettled

OWED: ColumnElement[bool] = Order.revision > func.coalesce(OrderPosting.revision, 0)


def _owed() -> Select[UUID]:
    return select(Order.id).outerjoin(OrderPosting, OrderPosting.order_id == Order.id).where(OWED)


def take_owed_orders(*, since: datetime, limit: int) -> Sequence[UUID]:
    """Up to `limit` orders changed after `since`, the oldest change first, locked; locked ones are passed over."""
    statement = _owed().where(Order.changed_at > since).order_by(Order.changed_at).limit(limit)
    return db.session.scalars(statement.with_for_update(of=Order, key_share=True, skip_locked=True)).all()


def count_owed_orders(*, since: datetime, at_most: int) -> int:
    """How many orders changed after `since` and are owed a posting, counted up to `at_most`."""
    some = _owed().where(Order.changed_at > since).limit(at_most).subquery()
    return db.session.scalar(select(func.count()).select_from(some)) or 0


def list_owed_orders(day: date) -> Sequence[UUID]:
    """The orders of a business day that are owed a posting."""
    return db.session.scalars(_owed().where(Order.business_day == day)).all()


class ChangedDay(NamedTuple):
    """A business day with orders that changed; the oldest change of those owed a posting, None where none is."""

    day: date
    owed_since: datetime | None


def settled_until() -> datetime:
    """Every order that changed before this is posted, or owed again."""
    until = db.session.scalar(select(PostingSettled.until))
    return until - LONGEST_TRANSACTION if until else datetime.min.replace(tzinfo=UTC)


def list_changed_days(*, since: datetime) -> Sequence[ChangedDay]:
    """The business days of orders that changed after `since`."""
    owed_since = func.min(Order.changed_at).filter(OWED, func.coalesce(OrderPosting.revision, 1) > 0)
    statement = (
        select(Order.business_day, owed_since)
        .outerjoin(OrderPosting, OrderPosting.order_id == Order.id)
        .where(Order.changed_at > since)
        .group_by(Order.business_day)
        .order_by(Order.business_day)
    )
    return [ChangedDay(*row) for row in db.session.execute(statement)]


def list_days_owed() -> list[date]:
    """The business days that have orders owed a posting, however old."""
    changed = list_changed_days(since=settled_until())
    return sorted({*(found.day for found in changed if found.owed_since is not None), *list_days_owed_again()})


def list_days_owed_again() -> Sequence[date]:
    """The business days that have orders owed a posting again, however old."""
    statement = select(Order.business_day).join(OrderPosting, OrderPosting.order_id == Order.id)
    return db.session.scalars(statement.where(OrderPosting.revision == 0).distinct()).all()


def lock_orders(order_ids: Sequence[UUID]) -> list[UUID]:
    """Hold these orders until the unit of work ends, in one order, so that two workers never wait in a circle."""
    wanted = any_(literal(list(order_ids), ARRAY(Uuid)))
    statement = select(Order.id).where(Order.id == wanted).order_by(Order.id)
    return list(db.session.scalars(statement.with_for_update(key_share=True)))
