"""Refunds are documents, booked as receipts of their own with negative lines that take back lines of sales."""

import sqlalchemy as sa
from alembic import op

revision = "0110"
down_revision = "0100"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _orders()
    _lines()
    _refund()
    _refund_line()
    _figures()


def _orders() -> None:
    op.add_column("sales_order", sa.Column("receipt_kind", sa.String(64), server_default="sale", nullable=False))
    op.add_column("sales_order", sa.Column("net_sales_fen", sa.BigInteger()))
    op.execute("UPDATE sales_order SET net_sales_fen = net_fen")
    op.alter_column("sales_order", "net_sales_fen", nullable=False)
    op.add_column("sales_order", sa.Column("exchange_external_id", sa.String(128)))
    op.drop_constraint("uq_sales_order_source_id_external_id", "sales_order")
    op.create_unique_constraint(
        op.f("uq_sales_order_source_id_receipt_kind_external_id"),
        "sales_order",
        ["source_id", "receipt_kind", "external_id"],
    )
    op.create_check_constraint(op.f("ck_sales_order_receipt_kind"), "sales_order", "receipt_kind IN ('sale', 'refund')")
    op.create_index(
        "ix_sales_order_exchange",
        "sales_order",
        ["source_id", "exchange_external_id"],
        postgresql_where="exchange_external_id IS NOT NULL",
    )


def _lines() -> None:
    op.add_column("order_line", sa.Column("net_sales_fen", sa.BigInteger()))
    op.execute("UPDATE order_line SET net_sales_fen = net_fen")
    op.alter_column("order_line", "net_sales_fen", nullable=False)
    op.add_column("order_line", sa.Column("original_line_id", sa.Uuid()))
    op.add_column("order_line", sa.Column("kept_fen", sa.BigInteger()))
    op.drop_constraint("ck_order_line_quantity", "order_line")
    one_sign = "least(quantity, net_fen) >= 0 OR greatest(quantity, net_fen) <= 0"
    op.create_check_constraint(op.f("ck_order_line_one_sign"), "order_line", one_sign)
    original = "(original_line_id IS NULL) = (kept_fen IS NULL)"
    op.create_check_constraint(op.f("ck_order_line_original"), "order_line", original)
    op.create_foreign_key(
        op.f("fk_order_line_original_line_id"), "order_line", "order_line", ["original_line_id"], ["id"]
    )
    op.create_index(
        "ix_order_line_original",
        "order_line",
        ["original_line_id"],
        postgresql_where="original_line_id IS NOT NULL",
    )


def _refund() -> None:
    op.create_table(
        "refund",
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("original_external_id", sa.String(128)),
        sa.Column("whole", sa.Boolean(), nullable=False),
        sa.Column("fee_fen", sa.BigInteger(), nullable=False),
        sa.Column("cancelled", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.String(200)),
        sa.CheckConstraint("fee_fen >= 0", name=op.f("ck_refund_fee")),
        sa.CheckConstraint("NOT whole OR original_external_id IS NOT NULL", name=op.f("ck_refund_whole")),
        sa.ForeignKeyConstraint(["order_id"], ["sales_order.id"], name=op.f("fk_refund_order_id")),
        sa.PrimaryKeyConstraint("order_id", name=op.f("pk_refund")),
    )
    op.create_index(
        "ix_refund_original",
        "refund",
        ["original_external_id"],
        postgresql_where="original_external_id IS NOT NULL",
    )


def _refund_line() -> None:
    op.create_table(
        "refund_line",
        sa.Column("line_id", sa.Uuid(), nullable=False),
        sa.Column("original_external_id", sa.String(128)),
        sa.Column("original_line_no", sa.Integer()),
        sa.Column("sku_code", sa.String(128)),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("amount_fen", sa.BigInteger()),
        sa.Column("tax_fen", sa.BigInteger()),
        sa.CheckConstraint("least(quantity, amount_fen, tax_fen) >= 0", name=op.f("ck_refund_line_positive")),
        sa.ForeignKeyConstraint(["line_id"], ["order_line.id"], name=op.f("fk_refund_line_line_id")),
        sa.PrimaryKeyConstraint("line_id", name=op.f("pk_refund_line")),
    )
    op.create_index(
        "ix_refund_line_original",
        "refund_line",
        ["original_external_id"],
        postgresql_where="original_external_id IS NOT NULL",
    )


def _figures() -> None:
    for figure in ("settled_fen", "refunded_fen"):
        op.add_column("guide_day", sa.Column(figure, sa.BigInteger()))
    op.execute("UPDATE guide_day SET settled_fen = net_fen, refunded_fen = 0")
    for figure in ("settled_fen", "refunded_fen"):
        op.alter_column("guide_day", figure, nullable=False)
