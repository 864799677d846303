"""Lines sold before their SKU was known find it, and what that changes is posted with that reason.

And figures of tasks follow what is confirmed as sent.
"""

import sqlalchemy as sa
from alembic import op

revision = "0062"
down_revision = "0061"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_forward_confirmation_created_at", "forward_confirmation", ["created_at"])
    op.add_column("order_line", sa.Column("classified_revision", sa.Integer()))
    op.create_index(
        "ix_order_line_unclassified", "order_line", ["sku_code"], postgresql_where=sa.text("sku_id IS NULL")
    )
    op.create_index(
        "ix_order_line_classified_late",
        "order_line",
        ["sku_id"],
        postgresql_where=sa.text("classified_revision IS NOT NULL"),
    )
    op.add_column("ledger_entry", sa.Column("reason", sa.String(64)))
    op.create_check_constraint("reason", "ledger_entry", "reason = 'late_classification'")
