"""What to do: plans, the assignments they become, and what guides hand in. Background work is a job, never a task."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, DateTime, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from kit.db import Base
from models.columns import At, Code, CreatedAt, Id, Name

TASK_KINDS = ("forward", "custom")
ASSIGNMENT_STATES = ("open", "cancelled")


class TaskPlan(Base):
    """What a manager sets for a store's guides on one business day; its id is chosen by the app."""

    __tablename__ = "task_plan"
    __table_args__ = (
        CheckConstraint(f"kind IN {TASK_KINDS}", name="kind"),
        CheckConstraint("target_count > 0", name="target"),
        CheckConstraint("kind <> 'forward' OR content_id IS NOT NULL", name="content"),
        Index(None, "created_at", "id"),
        Index(None, "store_id", "created_at"),
        Index(None, "cancelled_at", postgresql_where="cancelled_at IS NOT NULL"),
    )

    id: Mapped[Id]
    kind: Mapped[Code]
    title: Mapped[Name]
    instructions: Mapped[str] = mapped_column(String(4000))
    store_id: Mapped[UUID] = mapped_column(ForeignKey("store.id"))
    content_id: Mapped[UUID | None] = mapped_column(ForeignKey("content.id"))
    target_count: Mapped[int]
    day: Mapped[date]
    due_at: Mapped[At]
    created_by: Mapped[UUID] = mapped_column(ForeignKey("staff.id"))
    created_at: Mapped[CreatedAt]
    cancelled_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class Assignment(Base):
    """One guide's share of a plan. `state` is what a person decided; whether it is done is counted from the facts."""

    __tablename__ = "assignment"
    __table_args__ = (
        UniqueConstraint("plan_id", "guide_id"),
        CheckConstraint(f"state IN {ASSIGNMENT_STATES}", name="state"),
        Index(None, "guide_id", "day"),
        Index(None, "day", "store_id"),
    )

    id: Mapped[Id]
    plan_id: Mapped[UUID] = mapped_column(ForeignKey("task_plan.id"))
    guide_id: Mapped[UUID] = mapped_column(ForeignKey("staff.id"))
    store_id: Mapped[UUID] = mapped_column(ForeignKey("store.id"))
    day: Mapped[date]
    state: Mapped[Code]


class Submission(Base):
    """What a guide handed in; its id is chosen by the app, so that a lost answer can be asked for again."""

    __tablename__ = "submission"
    __table_args__ = (Index(None, "created_at"),)

    id: Mapped[Id]
    assignment_id: Mapped[UUID] = mapped_column(ForeignKey("assignment.id"), index=True)
    guide_id: Mapped[UUID] = mapped_column(ForeignKey("staff.id"))
    note: Mapped[str] = mapped_column(String(2000))
    created_at: Mapped[At]
