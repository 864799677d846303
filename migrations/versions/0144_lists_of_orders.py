"""Indexes for lists of orders: of each store, and of all."""

from alembic import op

revision = "0144"
down_revision = "0143"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(op.f("ix_sales_order_store_id_ordered_at_id"), "sales_order", ["store_id", "ordered_at", "id"])
    op.create_index(op.f("ix_sales_order_ordered_at_id"), "sales_order", ["ordered_at", "id"])
