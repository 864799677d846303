"""A SKU that several sources list: ranks of sources, and what each says beside the one that decides."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

revision = "0051"
down_revision = "0050"
branch_labels = None
depends_on = None

AT = sa.DateTime(timezone=True)

# Whose word on a product counts is decided by people; what feeds change is not in the log.
LOG_UNLINKING = """
CREATE FUNCTION log_unlinking() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM audit_rows('changed', 'product', ARRAY['', '', ''],
    ARRAY[jsonb_build_object('id', OLD.id, 'unlinked_at', OLD.unlinked_at)],
    ARRAY[jsonb_build_object('id', NEW.id, 'unlinked_at', NEW.unlinked_at)]);
  RETURN NULL;
END $$;
CREATE TRIGGER unlinking_logged AFTER UPDATE ON product FOR EACH ROW
  WHEN (OLD.unlinked_at IS DISTINCT FROM NEW.unlinked_at) EXECUTE FUNCTION log_unlinking()
"""


def upgrade() -> None:
    op.add_column("source", sa.Column("rank", sa.Integer(), server_default="100", nullable=False))
    op.add_column("source", sa.Column("retired_at", AT))
    op.create_check_constraint(op.f("ck_source_rank"), "source", "rank BETWEEN 1 AND 10000")
    op.add_column("product", sa.Column("shadowed", sa.Boolean(), server_default=sa.text("false"), nullable=False))
    op.add_column("product", sa.Column("unlinked_at", AT))
    op.add_column("product", sa.Column("tags", ARRAY(sa.Text()), server_default="{}", nullable=False))
    op.create_table(
        "sku_listing",
        sa.Column("sku_id", sa.Uuid(), nullable=False),
        sa.Column("product_id", sa.Uuid(), nullable=False),
        sa.Column("barcode", sa.String(length=64), nullable=True),
        sa.Column("price_fen", sa.BigInteger(), nullable=False),
        sa.Column("list_price_fen", sa.BigInteger(), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("in_stock", sa.Boolean(), nullable=False),
        sa.Column("listed", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "price_fen >= 0 AND (list_price_fen IS NULL OR list_price_fen >= price_fen)",
            name=op.f("ck_sku_listing_price"),
        ),
        sa.ForeignKeyConstraint(["product_id"], ["product.id"], name=op.f("fk_sku_listing_product_id")),
        sa.ForeignKeyConstraint(["sku_id"], ["sku.id"], name=op.f("fk_sku_listing_sku_id")),
        sa.PrimaryKeyConstraint("sku_id", "product_id", name=op.f("pk_sku_listing")),
    )
    op.create_index(op.f("ix_sku_listing_product_id"), "sku_listing", ["product_id"])
    op.execute(LOG_UNLINKING)
