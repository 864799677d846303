"""Task plans, who got which, and what was handed in."""

import sqlalchemy as sa
from alembic import op

revision = "tasks"
down_revision = "commissions"
branch_labels = None
depends_on = None

AT = sa.DateTime(timezone=True)
UUID7 = sa.text("uuid7()")
NOW = sa.text("now()")


def upgrade() -> None:
    _task_plan()
    _assignment()
    _submission()


def _task_plan() -> None:
    op.create_table(
        "task_plan",
        sa.Column("id", sa.Uuid(), server_default=UUID7, nullable=False),
        sa.Column("kind", sa.String(64), nullable=False),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("instructions", sa.String(4000), nullable=False),
        sa.Column("store_id", sa.Uuid(), nullable=False),
        sa.Column("content_id", sa.Uuid()),
        sa.Column("target_count", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("due_at", AT, nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.Column("created_at", AT, server_default=NOW, nullable=False),
        sa.Column("cancelled_at", AT),
        sa.CheckConstraint("kind <> 'forward' OR content_id IS NOT NULL", name=op.f("ck_task_plan_content")),
        sa.CheckConstraint("kind IN ('forward', 'custom')", name=op.f("ck_task_plan_kind")),
        sa.CheckConstraint("target_count > 0", name=op.f("ck_task_plan_target")),
        sa.ForeignKeyConstraint(["content_id"], ["content.id"], name=op.f("fk_task_plan_content_id")),
        sa.ForeignKeyConstraint(["created_by"], ["staff.id"], name=op.f("fk_task_plan_created_by")),
        sa.ForeignKeyConstraint(["store_id"], ["store.id"], name=op.f("fk_task_plan_store_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_task_plan")),
    )
    op.create_index(
        op.f("ix_task_plan_cancelled_at"), "task_plan", ["cancelled_at"], postgresql_where="cancelled_at IS NOT NULL"
    )
    op.create_index(op.f("ix_task_plan_created_at_id"), "task_plan", ["created_at", "id"])
    op.create_index(op.f("ix_task_plan_store_id"), "task_plan", ["store_id"])


def _assignment() -> None:
    op.create_table(
        "assignment",
        sa.Column("id", sa.Uuid(), server_default=UUID7, nullable=False),
        sa.Column("plan_id", sa.Uuid(), nullable=False),
        sa.Column("guide_id", sa.Uuid(), nullable=False),
        sa.Column("store_id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("state", sa.String(64), nullable=False),
        sa.CheckConstraint("state IN ('open', 'cancelled')", name=op.f("ck_assignment_state")),
        sa.ForeignKeyConstraint(["guide_id"], ["staff.id"], name=op.f("fk_assignment_guide_id")),
        sa.ForeignKeyConstraint(["plan_id"], ["task_plan.id"], name=op.f("fk_assignment_plan_id")),
        sa.ForeignKeyConstraint(["store_id"], ["store.id"], name=op.f("fk_assignment_store_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assignment")),
        sa.UniqueConstraint("plan_id", "guide_id", name=op.f("uq_assignment_plan_id_guide_id")),
    )
    op.create_index(op.f("ix_assignment_day_store_id"), "assignment", ["day", "store_id"])
    op.create_index(op.f("ix_assignment_guide_id_day"), "assignment", ["guide_id", "day"])


def _submission() -> None:
    op.create_table(
        "submission",
        sa.Column("id", sa.Uuid(), server_default=UUID7, nullable=False),
        sa.Column("assignment_id", sa.Uuid(), nullable=False),
        sa.Column("guide_id", sa.Uuid(), nullable=False),
        sa.Column("note", sa.String(2000), nullable=False),
        sa.Column("created_at", AT, nullable=False),
        sa.ForeignKeyConstraint(["assignment_id"], ["assignment.id"], name=op.f("fk_submission_assignment_id")),
        sa.ForeignKeyConstraint(["guide_id"], ["staff.id"], name=op.f("fk_submission_guide_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_submission")),
    )
    op.create_index(op.f("ix_submission_assignment_id"), "submission", ["assignment_id"])
    op.create_index(op.f("ix_submission_created_at"), "submission", ["created_at"])
