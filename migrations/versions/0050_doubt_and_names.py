"""Products known by their platform's id under names that change, and those whose last word is doubtful."""

import sqlalchemy as sa
from alembic import op

revision = "0050"
down_revision = "0044"
branch_labels = None
depends_on = None

NAMED = ("product", "product_alias", "sync_item", "sync_reject", "sync_drift")


def upgrade() -> None:
    for table in NAMED:
        op.alter_column(table, "external_id", type_=sa.String(255))
    op.add_column("product", sa.Column("doubtful", sa.Boolean(), server_default=sa.text("false"), nullable=False))
    op.create_index("ix_product_doubtful", "product", ["title", "id"], postgresql_where=sa.text("doubtful"))
    op.drop_constraint(op.f("uq_product_source_id_external_id"), "product")
    op.create_unique_constraint(
        op.f("uq_product_source_id_external_id"),
        "product",
        ["source_id", "external_id"],
        deferrable=True,
        initially="IMMEDIATE",
    )
    op.create_unique_constraint(
        op.f("uq_product_alias_source_id_external_id"), "product_alias", ["source_id", "external_id"]
    )
