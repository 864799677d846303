"""Bindings, follow-ups and sales complete tasks, as forwards do."""

from alembic import op

revision = "0171"
down_revision = "0170"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_constraint(op.f("ck_task_plan_kind"), "task_plan")
    op.create_check_constraint(
        op.f("ck_task_plan_kind"), "task_plan", "kind IN ('forward', 'recruit', 'follow_up', 'sales_target', 'custom')"
    )
