"""By what is earned: commission plans, their versions, and who has acknowledged them."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, DateTime, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from kit.db import Base
from models.columns import At, Code, Id, Json, JsonList, Name


class CommissionPlan(Base):
    __tablename__ = "commission_plan"

    id: Mapped[Id]
    code: Mapped[Code] = mapped_column(unique=True)
    name: Mapped[Name]


class PlanVersion(Base):
    """A plan's `document` (commissions/rules/language) in force from `effective_from` until the next version.

    Approved, it never changes. `rules` are its flat rules as posting reads them.
    """

    __tablename__ = "plan_version"
    __table_args__ = (
        UniqueConstraint("plan_id", "number"),
        CheckConstraint("approved_by <> created_by", name="two_people"),
        CheckConstraint("(approved_by IS NULL) = (approved_at IS NULL)", name="approval"),
        CheckConstraint("jsonb_typeof(document -> 'rules') = 'array'", name="document"),
        Index(None, "effective_from"),
    )

    id: Mapped[Id]
    plan_id: Mapped[UUID] = mapped_column(ForeignKey("commission_plan.id"))
    number: Mapped[int]
    document: Mapped[Json]
    rules: Mapped[JsonList]
    effective_from: Mapped[At]
    created_by: Mapped[UUID] = mapped_column(ForeignKey("staff.id"))
    approved_by: Mapped[UUID | None] = mapped_column(ForeignKey("staff.id"))
    approved_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class PlanAcknowledgement(Base):
    """That somebody has read the version that pays them, and when they said so."""

    __tablename__ = "plan_acknowledgement"
    __table_args__ = (Index(None, "staff_id"),)

    version_id: Mapped[UUID] = mapped_column(ForeignKey("plan_version.id"), primary_key=True)
    staff_id: Mapped[UUID] = mapped_column(ForeignKey("staff.id"), primary_key=True)
    acknowledged_at: Mapped[At]
