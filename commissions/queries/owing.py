"""Which orders are owed a posting: those whose revision is ahead of what the ledger last worked on."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Select, Uuid, any_, func, literal, select
from sqlalchemy.dialects.postgresql import ARRAY

from kit.db import db
from models import Order, OrderPosting

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


def list_days_owed() -> Sequence[date]:
    """The business days that have orders owed a posting, however old."""
    statement = select(Order.business_day).outerjoin(OrderPosting, OrderPosting.order_id == Order.id)
    return db.session.scalars(statement.where(OWED).distinct().order_by(Order.business_day)).all()


def lock_orders(order_ids: Sequence[UUID]) -> list[UUID]:
    """Hold these orders until the unit of work ends, in one order, so that two workers never wait in a circle."""
    wanted = any_(literal(list(order_ids), ARRAY(Uuid)))
    statement = select(Order.id).where(Order.id == wanted).order_by(Order.id)
    return list(db.session.scalars(statement.with_for_update(key_share=True)))
