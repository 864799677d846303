"""Settlements, with the pay period that each is of."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Select, func, literal, select, tuple_

from kit.db import db
from kit.errors import NotFound
from models import PayPeriod, Settlement, SettlementStep, Staff, Statement


class SettlementNotFound(NotFound):
    """There is no such settlement."""

    code = "settlement_not_found"


class SettlementRow(NamedTuple):
    """A settlement with its period, whose state is its own."""

    id: UUID
    period_id: UUID
    group_code: str
    first_day: date
    last_day: date
    period_state: str
    closed_by: UUID | None
    closed_at: datetime | None
    approved_by: UUID | None
    approved_at: datetime | None
    counted_at: datetime | None
    empty_because: list[str]
    created_by: UUID
    created_at: datetime
    version: int


class Total(NamedTuple):
    """What the statements of a settlement come to, of one state and currency, in fen."""

    currency: str
    state: str
    statements: int
    opening_fen: int
    accrued_fen: int
    reversed_fen: int
    payable_fen: int
    carried_fen: int


class Step(NamedTuple):
    """Who did what to a settlement or a statement."""

    command: str
    state: str
    reason: str | None
    taken_by: UUID
    taken_by_name: str
    taken_at: datetime


AMOUNTS = ("opening_fen", "accrued_fen", "reversed_fen", "payable_fen", "carried_fen")


def get_settlement(settlement_id: UUID) -> SettlementRow:
    """A settlement; raises SettlementNotFound."""
    row = db.session.execute(_settlements().where(Settlement.id == settlement_id)).first()
    if row is None:
        raise SettlementNotFound
    return SettlementRow(*row)


def lock_settlement(settlement_id: UUID) -> SettlementRow:
    """A settlement whose statements nobody else makes or decides on meanwhile; raises SettlementNotFound."""
    wanted = _settlements().where(Settlement.id == settlement_id).with_for_update(of=Settlement)
    row = db.session.execute(wanted).first()
    if row is None:
        raise SettlementNotFound
    return SettlementRow(*row)


def list_settlements(*, after: list[Any] | None, limit: int) -> list[SettlementRow]:
    """Settlements, the latest period first."""
    statement = _settlements().order_by(PayPeriod.last_day.desc(), Settlement.id.desc()).limit(limit)
    if after:
        last = tuple_(literal(date.fromisoformat(after[0])), literal(UUID(after[1])))
        statement = statement.where(tuple_(PayPeriod.last_day, Settlement.id) < last)
    return [SettlementRow(*row) for row in db.session.execute(statement)]


def has_closed(settlement_id: UUID, staff_id: UUID) -> bool:
    """Whether somebody closed a settlement, last or before."""
    closed = select(SettlementStep.id).where(
        SettlementStep.settlement_id == settlement_id,
        SettlementStep.command == "close",
        SettlementStep.taken_by == staff_id,
    )
    return bool(db.session.scalar(select(closed.exists())))


def find_by_period(period_id: UUID) -> UUID | None:
    """The settlement of a pay period."""
    return db.session.scalar(select(Settlement.id).where(Settlement.period_id == period_id))


def find_period(first_day: date, last_day: date, group_code: str) -> PayPeriod | None:
    """The pay period of exactly these days."""
    return db.session.scalar(
        select(PayPeriod).where(
            PayPeriod.group_code == group_code, PayPeriod.first_day == first_day, PayPeriod.last_day == last_day
        )
    )


def find_previous(row: SettlementRow) -> UUID | None:
    """The settlement of the group's last period before this one."""
    earlier = (PayPeriod.group_code == row.group_code, PayPeriod.last_day < row.first_day)
    statement = select(Settlement.id).join(PayPeriod, PayPeriod.id == Settlement.period_id).where(*earlier)
    return db.session.scalar(statement.order_by(PayPeriod.last_day.desc()).limit(1))


def list_uncounted() -> Sequence[UUID]:
    """Settlements whose period was closed since their statements were made."""
    stale = func.coalesce(Settlement.counted_at < PayPeriod.closed_at, Settlement.counted_at.is_(None))
    closing = PayPeriod.state.in_(("closing", "in_review"))
    wanted = select(Settlement.id).join(PayPeriod, PayPeriod.id == Settlement.period_id).where(closing, stale)
    return db.session.scalars(wanted.order_by(Settlement.id)).all()


def total(settlement_id: UUID) -> list[Total]:
    """What the statements come to, by currency and state."""
    summed = (func.coalesce(func.sum(getattr(Statement, name)), 0) for name in AMOUNTS)
    statement = select(Statement.currency, Statement.state, func.count(), *summed)
    keys = (Statement.currency, Statement.state)
    rows = db.session.execute(statement.where(Statement.settlement_id == settlement_id).group_by(*keys).order_by(*keys))
    return [Total(row[0], row[1], row[2], *(int(fen) for fen in row[3:])) for row in rows]


def list_steps(*, settlement_id: UUID, statement_id: UUID | None = None) -> list[Step]:
    """What was done to a settlement, or to one of its statements, the oldest first."""
    own = SettlementStep.statement_id.is_(None) if statement_id is None else SettlementStep.statement_id == statement_id
    statement = (
        select(
            SettlementStep.command, SettlementStep.state, SettlementStep.reason, SettlementStep.taken_by, Staff.name,
            SettlementStep.taken_at,
        )
        .join(Staff, Staff.id == SettlementStep.taken_by)
        .where(SettlementStep.settlement_id == settlement_id, own)
        .order_by(SettlementStep.id)
    )  # fmt: skip
    return [Step(*row) for row in db.session.execute(statement)]


def _settlements() -> Select[*tuple[Any, ...]]:
    return select(
        Settlement.id, Settlement.period_id, PayPeriod.group_code, PayPeriod.first_day, PayPeriod.last_day,
        PayPeriod.state, PayPeriod.closed_by, PayPeriod.closed_at, PayPeriod.approved_by, PayPeriod.approved_at,
        Settlement.counted_at, Settlement.empty_because, Settlement.created_by, Settlement.created_at,
        Settlement.version,
    ).join(PayPeriod, PayPeriod.id == Settlement.period_id)  # fmt: skip
