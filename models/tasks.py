"""What to do: plans, the occasions they lead to, each guide's share, and what was handed in.

Background work is a job, never a task.
"""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Date,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    SmallInteger,
    String,
    UniqueConstraint,
    func,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from kit.db import Base
from models.columns import At, Code, CreatedAt, Id, JsonList, Name, RowVersion, Texts, Uuids

TASK_KINDS = ("forward", "recruit", "follow_up", "sales_target", "custom")
PLAN_STATES = ("draft", "published", "paused", "ended")
SHARES = ("each", "one", "some")
HOLIDAYS = ("keep", "skip", "shift_before", "shift_after")
LATE_POLICIES = ("stay_overdue", "close_at_due", "until_next")
ASSIGNMENT_STATES = (
    "open",
    "in_progress",
    "submitted",
    "returned",
    "approved",
    "done",
    "blocked",
    "expired",
    "skipped",
    "cancelled",
)
# What is kept by month points at the like without a foreign key, which would be one for each pair of months.
BY_MONTH = {"postgresql_partition_by": "RANGE (day)"}


class TaskPlan(Base):
    """What is to be done, by whom and when, as its newest version says; its id is chosen by who sets it.

    Whose it is: a store's, a region's, or (neither) headquarters'.
    """

    __tablename__ = "task_plan"
    __table_args__ = (
        CheckConstraint(f"kind IN {TASK_KINDS}", name="kind"),
        CheckConstraint(f"state IN {PLAN_STATES}", name="state"),
        CheckConstraint("owner_store_id IS NULL OR owner_region_id IS NULL", name="owner"),
        CheckConstraint("state NOT IN ('published', 'paused') OR published_at IS NOT NULL", name="published"),
        Index(None, "created_at", "id"),
        Index("ix_task_plan_published", "id", postgresql_where="state = 'published'"),
    )

    id: Mapped[Id]
    kind: Mapped[Code]
    state: Mapped[str] = mapped_column(String(16))
    owner_store_id: Mapped[UUID | None] = mapped_column(ForeignKey("store.id"))
    owner_region_id: Mapped[UUID | None] = mapped_column(ForeignKey("region.id"))
    number: Mapped[int]
    created_by: Mapped[UUID] = mapped_column(ForeignKey("staff.id"))
    created_at: Mapped[CreatedAt]
    published_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    version: Mapped[RowVersion]


class TaskPlanVersion(Base):
    """What a plan said from one edit to the next; never changed. `slots` are local times: [{opens, due}]."""

    __tablename__ = "task_plan_version"
    __table_args__ = (
        UniqueConstraint("plan_id", "number"),
        CheckConstraint("target_count > 0", name="target"),
        CheckConstraint(f"share IN {SHARES}", name="share"),
        CheckConstraint("(share = 'some') = (share_count IS NOT NULL) AND share_count > 0", name="share_count"),
        CheckConstraint(f"holidays IN {HOLIDAYS}", name="holidays"),
        CheckConstraint(f"late IN {LATE_POLICIES}", name="late"),
        CheckConstraint("minutes BETWEEN 0 AND 1440", name="minutes"),
        CheckConstraint("roles <> '{}' AND roles <@ ARRAY['guide', 'store_manager']::text[]", name="roles"),
    )

    id: Mapped[Id]
    plan_id: Mapped[UUID] = mapped_column(ForeignKey("task_plan.id"))
    number: Mapped[int]
    title: Mapped[Name]
    instructions: Mapped[str] = mapped_column(String(4000))
    content_id: Mapped[UUID | None] = mapped_column(ForeignKey("content.id"))
    target_count: Mapped[int]
    region_ids: Mapped[Uuids]
    store_ids: Mapped[Uuids]
    store_tags: Mapped[Texts]
    roles: Mapped[Texts]
    share: Mapped[str] = mapped_column(String(16))
    share_count: Mapped[int | None]
    first_day: Mapped[date]
    # After it there is nothing to do any more; none: it goes on.
    last_day: Mapped[date | None]
    rrule: Mapped[str | None] = mapped_column(String(500))
    except_days: Mapped[list[date]] = mapped_column(ARRAY(Date), server_default="{}")
    holidays: Mapped[str] = mapped_column(String(16))
    slots: Mapped[JsonList]
    minutes: Mapped[int]
    review: Mapped[bool]
    late: Mapped[str] = mapped_column(String(16))
    created_by: Mapped[UUID] = mapped_column(ForeignKey("staff.id"))
    created_at: Mapped[At]


class TaskPlanStore(Base):
    """A store that a plan reaches now; what it led to there before stands in its occasions."""

    __tablename__ = "task_plan_store"
    __table_args__ = (Index(None, "store_id", "created_at", "plan_id"),)

    plan_id: Mapped[UUID] = mapped_column(ForeignKey("task_plan.id"), primary_key=True)
    store_id: Mapped[UUID] = mapped_column(ForeignKey("store.id"), primary_key=True)
    created_at: Mapped[At]


class TaskOccurrence(Base):
    """A plan in a store on a business day; its version is what it was when it opened."""

    __tablename__ = "task_occurrence"
    __table_args__ = (
        UniqueConstraint("plan_id", "store_id", "day", "slot"),
        CheckConstraint("opens_at < due_at", name="window"),
        Index(None, "store_id", "day"),
        BY_MONTH,
    )

    id: Mapped[Id]
    day: Mapped[date] = mapped_column(primary_key=True)
    plan_id: Mapped[UUID] = mapped_column(ForeignKey("task_plan.id"))
    version_id: Mapped[UUID] = mapped_column(ForeignKey("task_plan_version.id"))
    store_id: Mapped[UUID] = mapped_column(ForeignKey("store.id"))
    slot: Mapped[int] = mapped_column(SmallInteger)
    opens_at: Mapped[At]
    due_at: Mapped[At]


class Assignment(Base):
    """One guide's task, or (no guide yet) the store's: seats from 1 on are for who claims them.

    Its state is that of the last of its events (`tasks/rules/states.py`); a task that facts complete counts as done
    when enough of them are there. `done` counts what was handed in. A claim that nobody starts on ends by itself.
    """

    __tablename__ = "assignment"
    __table_args__ = (
        CheckConstraint(f"state IN {ASSIGNMENT_STATES}", name="state"),
        CheckConstraint("target > 0 AND done >= 0", name="counts"),
        CheckConstraint("seat > 0 OR guide_id IS NOT NULL", name="seat"),
        CheckConstraint("guide_id IS NOT NULL OR state IN ('open', 'skipped', 'cancelled')", name="unclaimed"),
        UniqueConstraint("occurrence_id", "guide_id", "day"),
        Index("uq_assignment_seat", "occurrence_id", "seat", "day", unique=True, postgresql_where="seat > 0"),
        Index(None, "guide_id", "day"),
        Index(None, "store_id", "day"),
        Index(None, "changed_at"),
        BY_MONTH,
    )

    id: Mapped[Id]
    day: Mapped[date] = mapped_column(primary_key=True)
    occurrence_id: Mapped[UUID]
    version_id: Mapped[UUID] = mapped_column(ForeignKey("task_plan_version.id"))
    store_id: Mapped[UUID] = mapped_column(ForeignKey("store.id"))
    guide_id: Mapped[UUID | None] = mapped_column(ForeignKey("staff.id"))
    opens_at: Mapped[At]
    due_at: Mapped[At]
    lease_until: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    started_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    changed_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    target: Mapped[int]
    done: Mapped[int] = mapped_column(server_default="0")
    seat: Mapped[int] = mapped_column(SmallInteger, server_default="0")
    state: Mapped[str] = mapped_column(String(16))
    # Why it is blocked, was returned, or was taken away.
    reason: Mapped[str | None] = mapped_column(String(500))


class AssignmentEvent(Base):
    """One step of a task: who did what, when it reached us, and when it was tapped; its id is chosen by the app."""

    __tablename__ = "assignment_event"
    __table_args__ = (
        Index(None, "assignment_id", "number"),
        Index("ix_assignment_event_reassigned", "day", postgresql_where="command = 'reassign'"),
        BY_MONTH,
    )

    id: Mapped[Id]
    day: Mapped[date] = mapped_column(primary_key=True)
    assignment_id: Mapped[UUID]
    # In which order they were written.
    number: Mapped[int] = mapped_column(BigInteger, Identity())
    command: Mapped[str] = mapped_column(String(16))
    before: Mapped[str] = mapped_column(String(16))
    after: Mapped[str] = mapped_column(String(16))
    # Nobody: the clock, or the facts.
    by_id: Mapped[UUID | None] = mapped_column(ForeignKey("staff.id"))
    guide_id: Mapped[UUID | None] = mapped_column(ForeignKey("staff.id"))
    reason: Mapped[str | None] = mapped_column(String(500))
    at: Mapped[At]
    captured_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class Submission(Base):
    """What a guide handed in; its id is that of the command, so that a lost answer can be asked for again."""

    __tablename__ = "submission"
    __table_args__ = (
        Index(None, "assignment_id"),
        Index(None, "created_at"),
    )

    id: Mapped[Id]
    assignment_id: Mapped[UUID]
    day: Mapped[date]
    guide_id: Mapped[UUID] = mapped_column(ForeignKey("staff.id"))
    note: Mapped[str] = mapped_column(String(2000))
    created_at: Mapped[At]
