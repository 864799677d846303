"""Orders, their lines, and whom each is credited to."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

revision = "orders"
down_revision = "customers"
branch_labels = None
depends_on = None

AT = sa.DateTime(timezone=True)
UUID7 = sa.text("uuid7()")


def upgrade() -> None:
    _sales_order()
    _order_line()
    _attribution()


def _sales_order() -> None:
    op.create_table(
        "sales_order",
        sa.Column("id", sa.Uuid(), server_default=UUID7, nullable=False),
        sa.Column("source_id", sa.Uuid(), nullable=False),
        sa.Column("external_id", sa.String(128), nullable=False),
        sa.Column("source_version", sa.BigInteger(), nullable=False),
        sa.Column("content_digest", sa.BigInteger()),
        sa.Column("store_id", sa.Uuid(), nullable=False),
        sa.Column("customer_id", sa.Uuid()),
        sa.Column("channel", sa.String(64), nullable=False),
        sa.Column("share_token", sa.String(32)),
        sa.Column("ordered_at", AT, nullable=False),
        sa.Column("business_day", sa.Date(), nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("net_fen", sa.BigInteger(), nullable=False),
        sa.Column("revision", sa.Integer(), server_default="1", nullable=False),
        sa.Column("redated", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("changed_at", AT, nullable=False),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("fk_sales_order_customer_id")),
        sa.ForeignKeyConstraint(["source_id"], ["source.id"], name=op.f("fk_sales_order_source_id")),
        sa.ForeignKeyConstraint(["store_id"], ["store.id"], name=op.f("fk_sales_order_store_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sales_order")),
        sa.UniqueConstraint("source_id", "external_id", name=op.f("uq_sales_order_source_id_external_id")),
    )
    op.create_index("ix_sales_order_business_day_redated", "sales_order", ["business_day"], postgresql_where="redated")
    op.create_index(op.f("ix_sales_order_business_day_store_id"), "sales_order", ["business_day", "store_id"])
    op.create_index(op.f("ix_sales_order_changed_at"), "sales_order", ["changed_at"])
    op.create_index(op.f("ix_sales_order_customer_id_ordered_at"), "sales_order", ["customer_id", "ordered_at"])
    op.create_index(
        "ix_sales_order_share_token", "sales_order", ["share_token"], postgresql_where="share_token IS NOT NULL"
    )


def _order_line() -> None:
    op.create_table(
        "order_line",
        sa.Column("id", sa.Uuid(), server_default=UUID7, nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("line_no", sa.Integer(), nullable=False),
        sa.Column("sku_code", sa.String(128), nullable=False),
        sa.Column("sku_id", sa.Uuid()),
        sa.Column("product_title", sa.String(500), nullable=False),
        sa.Column("brand_id", sa.Uuid()),
        sa.Column("category_id", sa.Uuid()),
        sa.Column("classified_revision", sa.Integer()),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("discount_fen", sa.BigInteger(), nullable=False),
        sa.Column("tax_fen", sa.BigInteger(), nullable=False),
        sa.Column("net_fen", sa.BigInteger(), nullable=False),
        sa.Column("serving_guide_ids", ARRAY(sa.Uuid()), server_default="{}", nullable=False),
        sa.Column("serving_shares_bp", ARRAY(sa.BigInteger()), server_default="{}", nullable=False),
        sa.CheckConstraint(
            "cardinality(serving_guide_ids) = cardinality(serving_shares_bp)", name=op.f("ck_order_line_serving")
        ),
        sa.CheckConstraint("quantity >= 0", name=op.f("ck_order_line_quantity")),
        sa.ForeignKeyConstraint(["order_id"], ["sales_order.id"], name=op.f("fk_order_line_order_id")),
        sa.ForeignKeyConstraint(["sku_id"], ["sku.id"], name=op.f("fk_order_line_sku_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_line")),
        sa.UniqueConstraint("order_id", "line_no", name=op.f("uq_order_line_order_id_line_no")),
    )
    op.create_index(
        "ix_order_line_classified_late", "order_line", ["sku_id"], postgresql_where="classified_revision IS NOT NULL"
    )
    op.create_index("ix_order_line_unclassified", "order_line", ["sku_code"], postgresql_where="sku_id IS NULL")


def _attribution() -> None:
    op.create_table(
        "attribution",
        sa.Column("line_id", sa.Uuid(), nullable=False),
        sa.Column("guide_id", sa.Uuid()),
        sa.Column("reason", sa.String(64), nullable=False),
        sa.Column("policy_version", sa.Integer(), nullable=False),
        sa.Column("candidates", JSONB(), nullable=False),
        sa.Column("decided_at", AT, nullable=False),
        sa.ForeignKeyConstraint(["guide_id"], ["staff.id"], name=op.f("fk_attribution_guide_id")),
        sa.ForeignKeyConstraint(["line_id"], ["order_line.id"], name=op.f("fk_attribution_line_id")),
        sa.PrimaryKeyConstraint("line_id", name=op.f("pk_attribution")),
    )
    op.create_index(op.f("ix_attribution_guide_id_decided_at"), "attribution", ["guide_id", "decided_at"])
