"""Nobody reads which orders were moved in time: revisions tell what is owed, wherever it lies."""

from alembic import op

revision = "0163"
down_revision = "0162"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_index("ix_sales_order_business_day_redated", "sales_order")
    op.drop_column("sales_order", "redated")
