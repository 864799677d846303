"""What closing a period posts: for which period of a plan, and which receipt made it close anew."""

import sqlalchemy as sa
from alembic import op

revision = "0161"
down_revision = "0160"
branch_labels = None
depends_on = None

ONCE = ["order_line_id", "guide_id", "store_id", "plan_version_id", "rule_no", "period_ends", "sequence"]


def upgrade() -> None:
    op.add_column("pay_period", sa.Column("read_at", sa.DateTime(timezone=True)))
    op.add_column("ledger_entry", sa.Column("period_ends", sa.Date()))
    op.add_column("ledger_entry", sa.Column("because_order_id", sa.Uuid()))
    op.create_foreign_key(
        op.f("fk_ledger_entry_because_order_id"), "ledger_entry", "sales_order", ["because_order_id"], ["id"]
    )
    op.drop_index("ix_ledger_entry_once", "ledger_entry")
    of_plans = sa.text("plan_version_id IS NOT NULL")
    kept = {"unique": True, "postgresql_nulls_not_distinct": True, "postgresql_where": of_plans}
    op.create_index("ix_ledger_entry_once", "ledger_entry", ONCE, **kept)
    op.create_index(
        "ix_ledger_entry_period",
        "ledger_entry",
        ["plan_version_id", "period_ends"],
        postgresql_where=sa.text("period_ends IS NOT NULL"),
    )
