"""Indexes that know a store and the order of its lists."""

from alembic import op

revision = "0072"
down_revision = "0071"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_index("ix_task_plan_store_id", "task_plan")
    op.create_index("ix_task_plan_store_id_created_at", "task_plan", ["store_id", "created_at"])
    op.create_index("ix_follow_up_at_id", "follow_up", ["at", "id"])
