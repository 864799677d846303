"""The versions of the policy by which sales are credited, and what approving one changes of what was sold before."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, DateTime, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from kit.db import Base
from models.columns import At, Id, Json


class AttributionPolicy(Base):
    """What orders made from `effective_from` on are credited by (orders/rules/attribution.py), until the next version.

    Approved, it never changes. Version 1 is as the rules stand without any.
    """

    __tablename__ = "attribution_policy"
    __table_args__ = (
        CheckConstraint("number > 1", name="number"),
        CheckConstraint("approved_by <> created_by", name="two_people"),
        CheckConstraint("(approved_by IS NULL) = (approved_at IS NULL)", name="approval"),
    )

    id: Mapped[Id]
    number: Mapped[int] = mapped_column(unique=True)
    document: Mapped[Json]
    effective_from: Mapped[At]
    created_by: Mapped[UUID] = mapped_column(ForeignKey("staff.id"))
    approved_by: Mapped[UUID | None] = mapped_column(ForeignKey("staff.id"))
    approved_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class PolicySweep(Base):
    """How far orders made before a policy was approved are decided on anew: up to a day and store, until `done_at`."""

    __tablename__ = "policy_sweep"

    policy_id: Mapped[UUID] = mapped_column(ForeignKey("attribution_policy.id"), primary_key=True)
    day: Mapped[date]
    store_id: Mapped[UUID | None]
    done_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class WithheldDecision(Base):
    """A line of a day whose pay is closed, which a policy would have credited otherwise; nothing was changed."""

    __tablename__ = "withheld_decision"
    __table_args__ = (UniqueConstraint("policy_id", "line_id"), Index(None, "policy_id", "id"))

    id: Mapped[Id]
    policy_id: Mapped[UUID] = mapped_column(ForeignKey("attribution_policy.id"))
    line_id: Mapped[UUID] = mapped_column(ForeignKey("order_line.id"))
    noted_at: Mapped[At]
