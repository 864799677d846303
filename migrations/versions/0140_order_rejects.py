"""Orders and refunds that were not taken are kept until somebody mends them."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0140"
down_revision = "0132"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "order_reject",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuid7()"), nullable=False),
        sa.Column("source_id", sa.Uuid(), nullable=False),
        sa.Column("receipt_kind", sa.String(64), nullable=False),
        sa.Column("name_key", sa.String(140), nullable=False),
        sa.Column("external_id", sa.String(128)),
        sa.Column("source_version", sa.BigInteger()),
        sa.Column("store_id", sa.Uuid()),
        sa.Column("code", sa.String(64), nullable=False),
        sa.Column("said", JSONB(), nullable=False),
        sa.Column("sealed_item", sa.LargeBinary(), nullable=False),
        sa.Column("item_digest", sa.BigInteger(), nullable=False),
        sa.Column("whole", sa.Boolean(), nullable=False),
        sa.Column("times", sa.Integer(), server_default="1", nullable=False),
        sa.Column("first_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("receipt_kind IN ('sale', 'refund')", name=op.f("ck_order_reject_receipt_kind")),
        sa.CheckConstraint("times > 0", name=op.f("ck_order_reject_times")),
        sa.ForeignKeyConstraint(["source_id"], ["source.id"], name=op.f("fk_order_reject_source_id")),
        sa.ForeignKeyConstraint(["store_id"], ["store.id"], name=op.f("fk_order_reject_store_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_reject")),
        sa.UniqueConstraint(
            "source_id", "receipt_kind", "name_key", name=op.f("uq_order_reject_source_id_receipt_kind_name_key")
        ),
    )
    op.create_index(op.f("ix_order_reject_source_id_id"), "order_reject", ["source_id", "id"])
    op.create_index(op.f("ix_order_reject_last_at"), "order_reject", ["last_at"])
