"""A line's brand and category are copies of what was true when it was sold, not references."""

from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for column in ("brand_id", "category_id"):
        op.drop_constraint(op.f(f"fk_order_line_{column}"), "order_line", type_="foreignkey")
