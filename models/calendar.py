"""Which days a country works and celebrates."""

from datetime import date
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from kit.db import Base
from models.columns import CreatedAt, Id, Name, RowVersion


class CalendarYear(Base):
    """A year of a country whose holidays are decreed, and by what; days of any other year follow the week."""

    __tablename__ = "calendar_year"
    __table_args__ = (
        UniqueConstraint("country", "year"),
        CheckConstraint("country ~ '^[A-Z]{2}$'", name="country"),
        CheckConstraint("year BETWEEN 2000 AND 2099", name="year"),
    )

    id: Mapped[Id]
    country: Mapped[str] = mapped_column(String(2))
    year: Mapped[int]
    decree: Mapped[Name]
    # Also when only days of it were changed: the version is that of the year as a whole.
    changed_at: Mapped[CreatedAt]
    version: Mapped[RowVersion]


class CalendarDay(Base):
    """A day on which a decreed year differs from the week, or that is a festival."""

    __tablename__ = "calendar_day"
    __table_args__ = (
        UniqueConstraint("year_id", "day"),
        CheckConstraint("kind IN ('workday', 'weekend', 'holiday', 'makeup_workday')", name="kind"),
    )

    id: Mapped[Id]
    year_id: Mapped[UUID] = mapped_column(ForeignKey("calendar_year.id", ondelete="CASCADE"))
    day: Mapped[date]
    kind: Mapped[str] = mapped_column(String(16))
    festival: Mapped[str | None] = mapped_column(String(64))
