"""How it goes: figures per day, rebuilt from the facts by jobs, and equal to them."""

from datetime import date
from uuid import UUID

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from kit.db import Base
from models.columns import At, Fen, Number


class GuideDay(Base):
    """One guide's business day in one store; `guide_id` is null for sales that nobody gets credit for."""

    __tablename__ = "guide_day"
    __table_args__ = (
        UniqueConstraint("day", "store_id", "guide_id", postgresql_nulls_not_distinct=True),
        Index(None, "guide_id", "day"),
    )

    id: Mapped[Number]
    day: Mapped[date]
    store_id: Mapped[UUID] = mapped_column(ForeignKey("store.id"))
    guide_id: Mapped[UUID | None] = mapped_column(ForeignKey("staff.id"))
    orders: Mapped[int]
    units: Mapped[int]
    net_fen: Mapped[Fen]
    customers: Mapped[int]
    forwards: Mapped[int]
    opens: Mapped[int]
    tasks_due: Mapped[int]
    tasks_done: Mapped[int]
    commission_fen: Mapped[Fen]


class ClosedDay(Base):
    """When a day's figures were last rebuilt; facts that changed since make it stale."""

    __tablename__ = "closed_day"

    day: Mapped[date] = mapped_column(primary_key=True)
    computed_at: Mapped[At]
