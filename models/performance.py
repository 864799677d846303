"""How it goes: figures per day, rebuilt from the facts by jobs, and equal to them."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, DateTime, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from kit.db import Base
from models.columns import At, Code, Currency, Fen, Number


class GuideDay(Base):
    """One guide's business day in one store and one currency; `guide_id` is null for sales nobody gets credit for.

    What has no currency (forwards, opens, tasks) stands in the row of the store's own. The figures are declared in
    performance/queries/figures, a column each.
    """

    __tablename__ = "guide_day"
    __table_args__ = (
        UniqueConstraint("day", "store_id", "guide_id", "currency", postgresql_nulls_not_distinct=True),
        Index(None, "guide_id", "day"),
    )

    id: Mapped[Number]
    day: Mapped[date]
    store_id: Mapped[UUID] = mapped_column(ForeignKey("store.id"))
    guide_id: Mapped[UUID | None] = mapped_column(ForeignKey("staff.id"))
    currency: Mapped[Currency]
    orders: Mapped[int]
    orders_bp: Mapped[int] = mapped_column(BigInteger)
    units: Mapped[int]
    units_bp: Mapped[int] = mapped_column(BigInteger)
    net_fen: Mapped[Fen]
    settled_fen: Mapped[Fen]
    refunded_fen: Mapped[Fen]
    member_fen: Mapped[Fen]
    tag_fen: Mapped[Fen]
    tagged_paid_fen: Mapped[Fen]
    member_orders_bp: Mapped[int] = mapped_column(BigInteger)
    customers: Mapped[int]
    forwards: Mapped[int]
    delivered: Mapped[int]
    opens: Mapped[int]
    tasks_due: Mapped[int]
    tasks_done: Mapped[int]
    follow_ups: Mapped[int]
    new_bindings: Mapped[int]
    commission_fen: Mapped[Fen]


class ClosedDay(Base):
    """When figures of a day, of some store, were last computed."""

    __tablename__ = "closed_day"

    day: Mapped[date] = mapped_column(primary_key=True)
    computed_at: Mapped[At]


class RestatedDay(Base):
    """A store's day whose sales changed after it was over and its figures had been computed: when that was last."""

    __tablename__ = "restated_day"

    day: Mapped[date] = mapped_column(primary_key=True)
    store_id: Mapped[UUID] = mapped_column(ForeignKey("store.id"), primary_key=True)
    restated_at: Mapped[At]


class OwedDay(Base):
    """A store's day whose facts changed: its figures are owed, until all that can still show in them has shown."""

    __tablename__ = "owed_day"

    day: Mapped[date] = mapped_column(primary_key=True)
    store_id: Mapped[UUID] = mapped_column(ForeignKey("store.id"), primary_key=True)
    changed_at: Mapped[At]
    computed_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class ChangesSeen(Base):
    """Up to when changes of facts were looked for; the one row."""

    __tablename__ = "changes_seen"
    __table_args__ = (CheckConstraint("id = 'figures'", name="one"),)

    id: Mapped[Code] = mapped_column(primary_key=True)
    until: Mapped[At]
