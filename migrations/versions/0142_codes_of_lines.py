"""Lines are known by their SKU's own code, and keep what the source called it; the unsorted follow their product."""

import sqlalchemy as sa
from alembic import op

revision = "0142"
down_revision = "0141"
branch_labels = None
depends_on = None

LATE = "ix_order_line_classified_late"


def upgrade() -> None:
    op.add_column("order_line", sa.Column("told_code", sa.String(128)))
    op.drop_index(LATE, "order_line")
    late = "classified_revision IS NOT NULL"
    op.create_index(LATE, "order_line", ["sku_id", "brand_id", "category_id"], postgresql_where=late)
    op.create_index(
        "ix_sku_listing_barcode_key",
        "sku_listing",
        [sa.text("barcode_key(barcode::text)")],
        postgresql_where="barcode IS NOT NULL",
    )
