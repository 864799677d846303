"""More figures of days: members' sales and receipts, tag prices, forwards confirmed, follow-ups, customers won."""

import sqlalchemy as sa
from alembic import op

revision = "0200"
down_revision = "0192"
branch_labels = None
depends_on = None

COLUMNS = {
    "member_fen": sa.BigInteger(),
    "member_orders_bp": sa.BigInteger(),
    "tag_fen": sa.BigInteger(),
    "tagged_paid_fen": sa.BigInteger(),
    "delivered": sa.Integer(),
    "follow_ups": sa.Integer(),
    "new_bindings": sa.Integer(),
}


def upgrade() -> None:
    for name, kind in COLUMNS.items():
        op.add_column("guide_day", sa.Column(name, kind, server_default="0", nullable=False))
        op.alter_column("guide_day", name, server_default=None)
    op.create_index(op.f("ix_follow_up_created_at"), "follow_up", ["created_at"])
    op.create_index(op.f("ix_binding_confirmed_at"), "binding", ["confirmed_at"])
    # What is stored already lacks them: every store's day is owed, and the sweep computes it.
    op.execute(
        "INSERT INTO owed_day (day, store_id, changed_at) SELECT DISTINCT day, store_id, now() FROM guide_day"
        " ON CONFLICT (day, store_id) DO UPDATE SET changed_at = excluded.changed_at"
    )
