"""What is paid for a period: statements of what each guide earned, decided on one by one."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, DateTime, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from kit.db import Base
from models.columns import At, Code, Currency, Fen, Id, Number, RowVersion, Texts

STATEMENT_STATES = ("in_review", "held", "approved", "rejected")
# Somebody has to decide on these before the period is approved; what is held is settled later.
UNDECIDED_STATES = ("in_review", "rejected")
# Nothing of it changes any more.
FIXED = "approved"


class Settlement(Base):
    """The settling of a pay period, whose state is its own.

    `counted_at` is when statements were made last; `empty_because` says why there were none.
    """

    __tablename__ = "settlement"
    __table_args__ = (UniqueConstraint("period_id"),)

    id: Mapped[Id]
    period_id: Mapped[UUID] = mapped_column(ForeignKey("pay_period.id"))
    counted_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    empty_because: Mapped[Texts]
    created_by: Mapped[UUID] = mapped_column(ForeignKey("staff.id"))
    created_at: Mapped[At]
    version: Mapped[RowVersion]


class SettlementStep(Base):
    """Who did what to a settlement, or to one of its statements, when, and why."""

    __tablename__ = "settlement_step"
    __table_args__ = (Index(None, "settlement_id", "id"), Index(None, "statement_id", "id"))

    id: Mapped[Number]
    settlement_id: Mapped[UUID] = mapped_column(ForeignKey("settlement.id"))
    statement_id: Mapped[UUID | None] = mapped_column(ForeignKey("statement.id"))
    command: Mapped[Code]
    state: Mapped[Code]
    reason: Mapped[str | None] = mapped_column(String(500))
    taken_by: Mapped[UUID] = mapped_column(ForeignKey("staff.id"))
    taken_at: Mapped[At]


class Statement(Base):
    """What a guide is paid of a settlement in one currency, in fen.

    opening + accrued + reversed = payable + carried. `opening_fen` is what the statement `previous_id`
    carried over, 0 or less; what is owed back in the end is carried again. `store_id` is where they worked at its end.
    """

    __tablename__ = "statement"
    __table_args__ = (
        UniqueConstraint("settlement_id", "guide_id", "currency"),
        UniqueConstraint("previous_id"),
        CheckConstraint(f"state IN {STATEMENT_STATES}", name="state"),
        CheckConstraint("opening_fen + accrued_fen + reversed_fen = payable_fen + carried_fen", name="sum"),
        CheckConstraint("least(accrued_fen, payable_fen) >= 0", name="gained"),
        CheckConstraint("greatest(opening_fen, reversed_fen, carried_fen) <= 0", name="owed_back"),
        CheckConstraint("payable_fen = 0 OR carried_fen = 0", name="one_way"),
        CheckConstraint("(opening_fen < 0) = (previous_id IS NOT NULL)", name="opening"),
        CheckConstraint("state NOT IN ('held', 'rejected') OR reason IS NOT NULL", name="why"),
        CheckConstraint("state = 'held' OR held_until IS NULL", name="held_until"),
        Index(None, "guide_id", "settlement_id"),
    )

    id: Mapped[Id]
    settlement_id: Mapped[UUID] = mapped_column(ForeignKey("settlement.id"))
    guide_id: Mapped[UUID] = mapped_column(ForeignKey("staff.id"))
    store_id: Mapped[UUID] = mapped_column(ForeignKey("store.id"))
    currency: Mapped[Currency]
    state: Mapped[Code] = mapped_column(server_default="in_review")
    previous_id: Mapped[UUID | None] = mapped_column(ForeignKey("statement.id"))
    opening_fen: Mapped[Fen] = mapped_column(server_default="0")
    accrued_fen: Mapped[Fen] = mapped_column(server_default="0")
    reversed_fen: Mapped[Fen] = mapped_column(server_default="0")
    payable_fen: Mapped[Fen] = mapped_column(server_default="0")
    carried_fen: Mapped[Fen] = mapped_column(server_default="0")
    # Why it is held or was rejected, and until when it is to be looked at again.
    reason: Mapped[str | None] = mapped_column(String(500))
    held_until: Mapped[date | None]
    version: Mapped[RowVersion]


class StatementEntry(Base):
    """That a ledger entry is settled, once, by a statement of its guide."""

    __tablename__ = "statement_entry"
    __table_args__ = (Index(None, "statement_id", "entry_id"),)

    entry_id: Mapped[int] = mapped_column(ForeignKey("ledger_entry.id"), primary_key=True, autoincrement=False)
    statement_id: Mapped[UUID] = mapped_column(ForeignKey("statement.id"))
