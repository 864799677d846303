"""Stores' own prices and switches are audited, and found by store and across stores."""

import sqlalchemy as sa
from alembic import op

revision = "0055"
down_revision = "0054"
branch_labels = None
depends_on = None

OWN_WORD = "NOT sellable OR price_fen IS NOT NULL"


def upgrade() -> None:
    op.add_column(
        "store_availability",
        sa.Column(
            "id",
            sa.Text(),
            sa.Computed("(((store_id)::text || ':'::text) || (sku_id)::text)", persisted=True),
            nullable=False,
        ),
    )
    op.create_check_constraint(op.f("ck_store_availability_price"), "store_availability", "price_fen >= 0")
    op.create_check_constraint(op.f("ck_store_availability_stock"), "store_availability", "stock >= 0")
    op.create_index(
        "ix_store_availability_own", "store_availability", ["store_id", "sku_id"], postgresql_where=sa.text(OWN_WORD)
    )
    op.create_index(
        "ix_store_availability_across", "store_availability", ["sku_id", "store_id"], postgresql_where=sa.text(OWN_WORD)
    )
    # Stock changes all day, and is nobody's decision.
    op.execute("SELECT audit_table('store_availability', ignored => 'stock,updated_at')")
