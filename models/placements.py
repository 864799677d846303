"""Who works where, from which day to which: what every "store of that day" is read from."""

from datetime import date
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, column, text
from sqlalchemy.dialects.postgresql import ExcludeConstraint
from sqlalchemy.orm import Mapped, mapped_column

from kit.db import Base
from models.columns import Code, CreatedAt, Id, Json, Number, RowVersion

DAYS = text("daterange(first_day, last_day, '[]')")


class Placement(Base):
    """Somebody's work in a store: at home, or as cover for it; both days count, and without a last one it goes on.

    A home has one store a day, and may have several roles there: a manager who sells is a guide, too.
    """

    __tablename__ = "placement"
    __table_args__ = (
        CheckConstraint("kind IN ('home', 'cover')", name="kind"),
        CheckConstraint("role IN ('guide', 'store_manager', 'support')", name="role"),
        CheckConstraint("employment IN ('full_time', 'part_time', 'temporary', 'intern', 'agency')", name="employment"),
        CheckConstraint("fte_bp BETWEEN 1 AND 10000", name="fte_bp"),
        CheckConstraint("first_day <= last_day", name="days"),
        CheckConstraint(
            "end_reason IS NULL OR (end_reason IN ('left', 'moved', 'ended') AND last_day IS NOT NULL)",
            name="end_reason",
        ),
        ExcludeConstraint(
            (column("staff_id"), "="),
            (column("store_id"), "<>"),
            (DAYS, "&&"),
            name="ex_placement_one_home",
            using="gist",
            where=text("kind = 'home'"),
        ),
        ExcludeConstraint(
            (column("staff_id"), "="),
            (column("store_id"), "="),
            (column("role"), "="),
            (DAYS, "&&"),
            name="ex_placement_once",
            using="gist",
        ),
        Index(None, "staff_id", "first_day"),
        Index(None, "store_id", "first_day"),
        Index(None, "first_day"),
        Index("ix_placement_cover", "store_id", "last_day", postgresql_where="kind = 'cover'"),
        Index(None, "last_day", postgresql_where="last_day IS NOT NULL"),
    )

    id: Mapped[Id]
    staff_id: Mapped[UUID] = mapped_column(ForeignKey("staff.id"))
    store_id: Mapped[UUID] = mapped_column(ForeignKey("store.id"))
    kind: Mapped[str] = mapped_column(String(16), server_default="home")
    role: Mapped[str] = mapped_column(String(16))
    grade: Mapped[Code | None]
    employment: Mapped[str] = mapped_column(String(16), server_default="full_time")
    fte_bp: Mapped[int] = mapped_column(server_default="10000")
    first_day: Mapped[date]
    last_day: Mapped[date | None]
    end_reason: Mapped[str | None] = mapped_column(String(16))
    # Why it was changed last; who did, and what it was before, is in the audit log.
    reason: Mapped[str | None] = mapped_column(String(500))
    version: Mapped[RowVersion]


class PlacementCorrection(Base):
    """Days that were over when a placement was told anew: what it said of them, and what it says (None: not there).

    The database writes it (models/guards/placement_correction.sql), in whatever way placements change.
    """

    __tablename__ = "placement_correction"
    __table_args__ = (
        CheckConstraint("first_day <= last_day", name="days"),
        CheckConstraint("before IS NOT NULL OR after IS NOT NULL", name="says"),
        Index(None, "last_day"),
    )

    id: Mapped[Number]
    placement_id: Mapped[UUID]  # which may be gone
    staff_id: Mapped[UUID] = mapped_column(ForeignKey("staff.id"))
    store_id: Mapped[UUID] = mapped_column(ForeignKey("store.id"))
    first_day: Mapped[date]
    last_day: Mapped[date]
    before: Mapped[Json | None]
    after: Mapped[Json | None]
    reason: Mapped[str | None] = mapped_column(String(500))
    corrected_by: Mapped[UUID | None]
    corrected_at: Mapped[CreatedAt]
