"""Receipts whose seller nobody knows are found by store."""

import sqlalchemy as sa
from alembic import op

revision = "0146"
down_revision = "0145"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "ix_order_reject_unknown_seller",
        "order_reject",
        ["store_id", "id"],
        postgresql_where=sa.text("code = 'unknown_guide'"),
    )
