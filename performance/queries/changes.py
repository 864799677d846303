"""Which stores' days have facts that changed, and which figures are therefore owed."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, CompoundSelect, Date, Select, and_, cast, func, or_, select, union_all
from sqlalchemy.orm import aliased

from kit.db import LONGEST_TRANSACTION, db
from models import (
    Assignment,
    Binding,
    ChangesSeen,
    ClosedDay,
    FollowUp,
    Forward,
    ForwardConfirmation,
    ForwardKey,
    LedgerEntry,
    LedgerTransaction,
    Order,
    OrderLine,
    OrderMove,
    OwedDay,
    Store,
    Touch,
)

# A fact carries the instant its transaction began at, and shows only when that commits: a changed day is computed at
# once, again when an ordinary transaction has surely ended, and once more when any has.
COMPUTED_AGAIN_AFTER = (timedelta(0), timedelta(minutes=1), LONGEST_TRANSACTION)

_SAME = and_(Forward.id == ForwardKey.id, Forward.created_at == ForwardKey.created_at)


class StaleDay(NamedTuple):
    """A day of which some store's figures are owed, and when figures of it were last computed."""

    day: date
    computed_at: datetime | None


def seen_until() -> datetime:
    """Every fact up to this instant is already noted in `owed_day`, or was."""
    until = db.session.scalar(select(ChangesSeen.until))
    return until - LONGEST_TRANSACTION if until else datetime.min.replace(tzinfo=UTC)


def changed_days(*, since: datetime) -> Select[Any]:
    """(day, store_id, changed_at) of every store's business day with a fact that changed after `since`."""
    facts = _changes(since).subquery("facts")
    keys = (facts.c.day, facts.c.store_id)
    return select(*keys, func.max(facts.c.changed_at).label("changed_at")).group_by(*keys)


def list_stale_days(*, now: datetime) -> Sequence[StaleDay]:
    """The days of which some store's figures must be computed (again), newest first."""
    statement = (
        select(OwedDay.day, ClosedDay.computed_at)
        .outerjoin(ClosedDay, ClosedDay.day == OwedDay.day)
        .where(_is_owed(now))
        .distinct()
        .order_by(OwedDay.day.desc())
    )
    return [StaleDay(*row) for row in db.session.execute(statement)]


def list_owed_stores(day: date, *, now: datetime) -> Sequence[UUID]:
    """The stores whose figures of the day must be computed (again)."""
    return db.session.scalars(select(OwedDay.store_id).where(OwedDay.day == day, _is_owed(now))).all()


def _is_owed(now: datetime) -> ColumnElement[bool]:
    moments = [OwedDay.changed_at + after for after in COMPUTED_AGAIN_AFTER]
    return or_(OwedDay.computed_at.is_(None), *((moment <= now) & (OwedDay.computed_at < moment) for moment in moments))


def _changes(since: datetime) -> CompoundSelect[Any]:
    refund, returned = aliased(Order), aliased(OrderLine)
    return union_all(
        select(
            Order.business_day.label("day"), Order.store_id.label("store_id"), Order.changed_at.label("changed_at")
        ).where(Order.changed_at > since),
        # What takes back a sale is its member's (figures.sales).
        select(refund.business_day, refund.store_id, Order.changed_at)
        .join(OrderLine, OrderLine.order_id == Order.id)
        .join(returned, returned.original_line_id == OrderLine.id)
        .join(refund, refund.id == returned.order_id)
        .where(Order.changed_at > since),
        select(OrderMove.day, OrderMove.store_id, OrderMove.moved_at).where(OrderMove.moved_at > since),
        select(_day(Forward.created_at), Forward.store_id, Forward.created_at)
        .join(Store, Store.id == Forward.store_id)
        .where(Forward.created_at > since),
        # On the day of the confirmation a task may be done by it; on that of the forward, it was delivered.
        _confirmed(_day(ForwardConfirmation.created_at), since),
        _confirmed(_day(Forward.created_at), since),
        select(_day(Touch.created_at), Forward.store_id, Touch.created_at)
        .join(ForwardKey, ForwardKey.id == Touch.forward_id)
        .join(Forward, _SAME)
        .join(Store, Store.id == Forward.store_id)
        .where(Touch.created_at > since),
        select(Assignment.day, Assignment.store_id, Assignment.changed_at).where(Assignment.changed_at > since),
        select(_day(FollowUp.at), FollowUp.store_id, FollowUp.created_at)
        .join(Store, Store.id == FollowUp.store_id)
        .where(FollowUp.created_at > since),
        select(_day(Binding.confirmed_at), Binding.store_id, Binding.confirmed_at)
        .join(Store, Store.id == Binding.store_id)
        .where(Binding.confirmed_at > since),
        select(LedgerEntry.business_day, LedgerEntry.store_id, LedgerTransaction.created_at)
        .join(LedgerTransaction, LedgerTransaction.id == LedgerEntry.transaction_id)
        .where(LedgerTransaction.created_at > since),
    )


def _confirmed(day: Any, since: datetime) -> Select[Any]:
    return (
        select(day, Forward.store_id, ForwardConfirmation.created_at)
        .select_from(ForwardConfirmation)
        .join(ForwardKey, ForwardKey.id == ForwardConfirmation.forward_id)
        .join(Forward, _SAME)
        .join(Store, Store.id == Forward.store_id)
        .where(ForwardConfirmation.created_at > since)
    )


def _day(at: Any) -> Any:
    return cast(func.timezone(Store.time_zone, at), Date)
