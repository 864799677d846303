"""What is aimed at: targets, how they came about, and how a store's are shared among its guides."""

from datetime import date
from uuid import UUID

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, String, UniqueConstraint, column, text
from sqlalchemy.dialects.postgresql import ARRAY, ExcludeConstraint
from sqlalchemy.orm import Mapped, mapped_column

from kit.db import Base
from models.columns import At, Currency, Fen, Id, Number, RowVersion


class Target(Base):
    """What a region, a store or a guide is to reach in a month: fen of net sales, receipts, or pieces.

    `amount` is what was approved, `proposed_amount` what waits for approval or was returned.
    """

    __tablename__ = "target"
    __table_args__ = (
        UniqueConstraint(
            "month",
            "metric",
            "region_id",
            "store_id",
            "guide_id",
            name="uq_target_subject",
            postgresql_nulls_not_distinct=True,
        ),
        Index(None, "store_id", "month"),
        Index(None, "guide_id", "month", postgresql_where="guide_id IS NOT NULL"),
        CheckConstraint("metric IN ('net_sales', 'orders', 'units')", name="metric"),
        CheckConstraint("extract(day FROM month) = 1", name="month"),
        CheckConstraint(
            "CASE level WHEN 'region' THEN region_id IS NOT NULL AND store_id IS NULL AND guide_id IS NULL"
            " WHEN 'store' THEN region_id IS NULL AND store_id IS NOT NULL AND guide_id IS NULL"
            " WHEN 'guide' THEN region_id IS NULL AND store_id IS NOT NULL AND guide_id IS NOT NULL ELSE false END",
            name="level",
        ),
        CheckConstraint("(metric = 'net_sales') = (currency IS NOT NULL)", name="currency"),
        CheckConstraint("amount >= 0 AND proposed_amount >= 0", name="amounts"),
        CheckConstraint(
            "CASE state WHEN 'approved' THEN amount IS NOT NULL AND proposed_amount IS NULL"
            " WHEN 'change_proposed' THEN amount IS NOT NULL AND proposed_amount IS NOT NULL"
            " WHEN 'proposed' THEN amount IS NULL AND proposed_amount IS NOT NULL"
            " WHEN 'returned' THEN amount IS NULL AND proposed_amount IS NOT NULL ELSE false END",
            name="state",
        ),
    )

    id: Mapped[Id]
    month: Mapped[date]
    metric: Mapped[str] = mapped_column(String(32))
    level: Mapped[str] = mapped_column(String(16))
    region_id: Mapped[UUID | None] = mapped_column(ForeignKey("region.id"))
    store_id: Mapped[UUID | None] = mapped_column(ForeignKey("store.id"))
    guide_id: Mapped[UUID | None] = mapped_column(ForeignKey("staff.id"))
    currency: Mapped[Currency | None]
    amount: Mapped[Fen | None]
    proposed_amount: Mapped[Fen | None]
    state: Mapped[str] = mapped_column(String(16))
    proposed_by: Mapped[UUID | None] = mapped_column(ForeignKey("staff.id"))
    approved_by: Mapped[UUID | None] = mapped_column(ForeignKey("staff.id"))
    version: Mapped[RowVersion]


class TargetChange(Base):
    """One step of a target: who set, proposed, approved or returned which amount, and why."""

    __tablename__ = "target_change"
    __table_args__ = (
        Index(None, "target_id", "id"),
        CheckConstraint("command IN ('set', 'propose', 'approve', 'return')", name="command"),
    )

    id: Mapped[Number]
    target_id: Mapped[UUID] = mapped_column(ForeignKey("target.id"))
    command: Mapped[str] = mapped_column(String(16))
    state: Mapped[str] = mapped_column(String(16))
    amount: Mapped[Fen]
    reason: Mapped[str | None] = mapped_column(String(500))
    changed_by: Mapped[UUID] = mapped_column(ForeignKey("staff.id"))
    changed_at: Mapped[At]


class TargetDivision(Base):
    """How a store's targets of a month are shared among its guides; joiners take from the others, or come on top."""

    __tablename__ = "target_division"
    __table_args__ = (
        UniqueConstraint("store_id", "month"),
        Index(None, "month"),
        CheckConstraint("extract(day FROM month) = 1", name="month"),
    )

    id: Mapped[Id]
    store_id: Mapped[UUID] = mapped_column(ForeignKey("store.id"))
    month: Mapped[date]
    joiners_on_top: Mapped[bool] = mapped_column(server_default="false")
    changed_at: Mapped[At]
    version: Mapped[RowVersion]


class TargetShare(Base):
    """A guide's part in a division, from a first to a last day: `share_bp` of a full part, times `fte_bp`."""

    __tablename__ = "target_share"
    __table_args__ = (
        ExcludeConstraint(
            (column("division_id"), "="),
            (column("guide_id"), "="),
            (text("daterange(first_day, last_day, '[]')"), "&&"),
            name="ex_target_share_once",
            using="gist",
        ),
        CheckConstraint("first_day <= last_day", name="days"),
        CheckConstraint("share_bp BETWEEN 0 AND 100000 AND fte_bp BETWEEN 1 AND 20000", name="shares"),
        Index(None, "division_id", "guide_id"),
    )

    id: Mapped[Id]
    division_id: Mapped[UUID] = mapped_column(ForeignKey("target_division.id"))
    guide_id: Mapped[UUID] = mapped_column(ForeignKey("staff.id"))
    share_bp: Mapped[int]
    fte_bp: Mapped[int]
    first_day: Mapped[date]
    last_day: Mapped[date]


class TargetAbsence(Base):
    """A day on which a guide is on leave, and has no part in the store's targets."""

    __tablename__ = "target_absence"

    division_id: Mapped[UUID] = mapped_column(ForeignKey("target_division.id"), primary_key=True)
    guide_id: Mapped[UUID] = mapped_column(ForeignKey("staff.id"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)


class DayWeights(Base):
    """How much a day counts when a month is spread, by what it is, in basis points of a plain weekday.

    Of one store, or (without) of all stores that have none of their own.
    """

    __tablename__ = "day_weights"
    __table_args__ = (
        UniqueConstraint("month", "store_id", postgresql_nulls_not_distinct=True),
        CheckConstraint("extract(day FROM month) = 1", name="month"),
        CheckConstraint(
            "least(weekday_bp, weekend_bp, festival_bp, promotion_bp) >= 0"
            " AND greatest(weekday_bp, weekend_bp, festival_bp, promotion_bp) <= 1000000 AND weekday_bp > 0",
            name="weights",
        ),
    )

    id: Mapped[Id]
    month: Mapped[date]
    store_id: Mapped[UUID | None] = mapped_column(ForeignKey("store.id"))
    weekday_bp: Mapped[int]
    weekend_bp: Mapped[int]
    festival_bp: Mapped[int]
    promotion_bp: Mapped[int]
    promotion_days: Mapped[list[date]] = mapped_column(ARRAY(Date), server_default="{}")
    version: Mapped[RowVersion]
