"""Figures are owed by store and day."""

import sqlalchemy as sa
from alembic import op

from migrations.guards import load_guards

revision = "0070"
down_revision = "0065"
branch_labels = None
depends_on = None

AT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "owed_day",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("store_id", sa.Uuid(), nullable=False),
        sa.Column("changed_at", AT, nullable=False),
        sa.Column("computed_at", AT),
        sa.ForeignKeyConstraint(["store_id"], ["store.id"], name=op.f("fk_owed_day_store_id")),
        sa.PrimaryKeyConstraint("day", "store_id", name=op.f("pk_owed_day")),
    )
    op.create_table(
        "changes_seen",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("until", AT, nullable=False),
        sa.CheckConstraint("id = 'figures'", name="one"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_changes_seen")),
    )
    op.drop_index("ix_closed_day_changed_at", "closed_day")
    op.drop_column("closed_day", "changed_at")
    op.alter_column("closed_day", "computed_at", nullable=False)
    op.add_column("order_move", sa.Column("store_id", sa.Uuid(), nullable=False))
    op.create_foreign_key(op.f("fk_order_move_store_id"), "order_move", "store", ["store_id"], ["id"])
    op.create_index("ix_forward_store_id_created_at", "forward", ["store_id", "created_at"])
    load_guards("order_move")
