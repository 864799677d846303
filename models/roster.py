"""Who is in on which day, as the attendance system or a manager says."""

from datetime import date
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from kit.db import Base
from models.columns import Version


class RosterDay(Base):
    """A person's day in a store, by month (models/guards/roster_day.sql); `minutes` are those to be worked or trained.

    `source_version` is of the attendance system; what people say by hand keeps the one that is there, and begins at 0.
    """

    __tablename__ = "roster_day"
    __table_args__ = (
        CheckConstraint("kind IN ('work', 'leave', 'off', 'training')", name="kind"),
        CheckConstraint(
            "CASE WHEN kind IN ('work', 'training') THEN minutes BETWEEN 1 AND 1440 ELSE minutes = 0 END",
            name="minutes",
        ),
        CheckConstraint("source_version >= 0", name="source_version"),
        Index(None, "store_id", "day"),
        Index("ix_roster_day_leave", "day", "staff_id", postgresql_where="kind = 'leave'"),
        {"postgresql_partition_by": "RANGE (day)"},
    )

    day: Mapped[date] = mapped_column(primary_key=True)
    staff_id: Mapped[UUID] = mapped_column(ForeignKey("staff.id"), primary_key=True)
    store_id: Mapped[UUID] = mapped_column(ForeignKey("store.id"), primary_key=True)
    source_version: Mapped[Version]
    minutes: Mapped[int]
    kind: Mapped[str] = mapped_column(String(16))
