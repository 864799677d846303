"""Up to when every changed order is posted, and which are owed again; what is old may be forgotten."""

import sqlalchemy as sa
from alembic import op

from migrations.guards import load_guards

revision = "0071"
down_revision = "0070"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "posting_settled",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("id = 'orders'", name="one"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_posting_settled")),
    )
    op.create_index(
        "ix_order_posting_owed_again", "order_posting", ["order_id"], postgresql_where=sa.text("revision = 0")
    )
    load_guards("contact", "consent", "audit_entry")
