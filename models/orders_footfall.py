"""Who came in, as counters at the doors of stores tell it."""

from datetime import date
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, SmallInteger, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from kit.db import Base
from models.columns import At, Number, Version


class Footfall(Base):
    """How many people came into a store in an hour of its own clock; what several sources count there adds up."""

    __tablename__ = "footfall"
    __table_args__ = (
        UniqueConstraint("store_id", "day", "hour", "source_id"),
        CheckConstraint("hour BETWEEN 0 AND 23", name="hour"),
        CheckConstraint("visitors BETWEEN 0 AND 1000000", name="visitors"),
    )

    id: Mapped[Number]
    source_id: Mapped[UUID] = mapped_column(ForeignKey("source.id"))
    store_id: Mapped[UUID] = mapped_column(ForeignKey("store.id"))
    day: Mapped[date]
    hour: Mapped[int] = mapped_column(SmallInteger)
    visitors: Mapped[int]
    source_version: Mapped[Version]
    changed_at: Mapped[At]
