"""Which days' facts changed, and which days' figures are therefore owed."""

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import CompoundSelect, Date, Select, cast, func, or_, select, union_all

from kit.db import LONGEST_TRANSACTION, db
from models import (
    Assignment,
    ClosedDay,
    Forward,
    ForwardConfirmation,
    LedgerTransaction,
    Order,
    OrderMove,
    Store,
    Submission,
    TaskPlan,
    Touch,
)

# A fact carries the instant its transaction began at, and shows only when that commits: a changed day is computed at
# once, again when an ordinary transaction has surely ended, and once more when any has.
COMPUTED_AGAIN_AFTER = (timedelta(0), timedelta(minutes=1), LONGEST_TRANSACTION)


def seen_until() -> datetime:
    """Every fact up to this instant is already noted in `closed_day.changed_at`."""
    newest = db.session.scalar(select(func.max(ClosedDay.changed_at)))
    return newest - LONGEST_TRANSACTION if newest else datetime.min.replace(tzinfo=UTC)


def changed_days(*, since: datetime) -> Select[Any]:
    """(day, changed_at) of every business day with a fact that changed after `since`."""
    facts = _changes(since).subquery("facts")
    return select(facts.c.day, func.max(facts.c.changed_at).label("changed_at")).group_by(facts.c.day)


def list_stale_days(*, now: datetime) -> list[str]:
    """ISO dates of the days whose figures must be computed (again), newest first."""
    moments = [ClosedDay.changed_at + after for after in COMPUTED_AGAIN_AFTER]
    owed = or_(*((moment <= now) & (ClosedDay.computed_at < moment) for moment in moments))
    statement = select(ClosedDay.day).where(ClosedDay.computed_at.is_(None) | owed).order_by(ClosedDay.day.desc())
    return [day.isoformat() for day in db.session.scalars(statement)]


def _changes(since: datetime) -> CompoundSelect[Any]:
    return union_all(
        select(Order.business_day.label("day"), Order.changed_at.label("changed_at")).where(Order.changed_at > since),
        select(OrderMove.day, OrderMove.moved_at).where(OrderMove.moved_at > since),
        select(_day(Forward.created_at), Forward.created_at)
        .join(Store, Store.id == Forward.store_id)
        .where(Forward.created_at > since),
        select(_day(ForwardConfirmation.created_at), ForwardConfirmation.created_at)
        .join(Forward, Forward.id == ForwardConfirmation.forward_id)
        .join(Store, Store.id == Forward.store_id)
        .where(ForwardConfirmation.created_at > since),
        select(_day(Touch.created_at), Touch.created_at)
        .join(Forward, Forward.id == Touch.forward_id)
        .join(Store, Store.id == Forward.store_id)
        .where(Touch.created_at > since),
        select(TaskPlan.day, TaskPlan.created_at).where(TaskPlan.created_at > since),
        select(TaskPlan.day, TaskPlan.cancelled_at).where(TaskPlan.cancelled_at > since),
        select(Assignment.day, Submission.created_at)
        .join(Assignment, Assignment.id == Submission.assignment_id)
        .where(Submission.created_at > since),
        select(Order.business_day, LedgerTransaction.created_at)
        .join(LedgerTransaction, LedgerTransaction.order_id == Order.id)
        .where(LedgerTransaction.created_at > since),
    )


def _day(at: Any) -> Any:
    return cast(func.timezone(Store.time_zone, at), Date)
