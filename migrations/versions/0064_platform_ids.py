"""What platforms call products and variants by: ids that stay when SKUs and handles change."""

import sqlalchemy as sa
from alembic import op

revision = "0064"
down_revision = "0063"
branch_labels = None
depends_on = None

VARIANTS = ("sku", "sku_listing")


def upgrade() -> None:
    for table in VARIANTS:
        op.add_column(table, sa.Column("variant_id", sa.String(64)))
        op.create_index(
            f"ix_{table}_variant_id",
            table,
            [sa.text("code_key(variant_id::text)")],
            postgresql_where=sa.text("variant_id IS NOT NULL"),
        )
    for table in ("sync_item", "sync_reject"):
        op.add_column(table, sa.Column("platform_id", sa.String(128)))
    # Judged when a statement ends: two products may exchange their names.
    op.drop_constraint(op.f("uq_product_alias_source_id_external_id"), "product_alias")
    op.create_unique_constraint(
        op.f("uq_product_alias_source_id_external_id"),
        "product_alias",
        ["source_id", "external_id"],
        deferrable=True,
        initially="IMMEDIATE",
    )
