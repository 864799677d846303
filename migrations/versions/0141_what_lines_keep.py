"""Lines keep their kind, tag price, cost, coupons and weight; receipts their tenders, discount and currency."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from migrations.guards import load_guards

revision = "0141"
down_revision = "0140"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _orders()
    _lines()
    op.alter_column("refund_line", "original_line_no", type_=sa.BigInteger())
    _settings()


def _orders() -> None:
    for name in ("tenders", "coupons"):
        op.add_column("sales_order", sa.Column(name, JSONB()))
    op.add_column("sales_order", sa.Column("staff_purchase", sa.Boolean(), server_default="false", nullable=False))
    op.add_column("sales_order", sa.Column("foreign_currency", sa.String(3)))
    for name in ("rate_given", "rate_worth"):
        op.add_column("sales_order", sa.Column(name, sa.BigInteger()))
    rate = "num_nulls(foreign_currency, rate_given, rate_worth) IN (0, 3)"
    op.create_check_constraint(op.f("ck_sales_order_rate"), "sales_order", rate)


def _lines() -> None:
    op.alter_column("order_line", "line_no", type_=sa.BigInteger())
    op.add_column("order_line", sa.Column("external_line_id", sa.String(128)))
    op.add_column("order_line", sa.Column("kind", sa.String(64), server_default="goods", nullable=False))
    op.add_column("order_line", sa.Column("paid_fen", sa.BigInteger()))
    op.execute("UPDATE order_line SET paid_fen = net_fen + tax_fen")
    op.alter_column("order_line", "paid_fen", nullable=False)
    for name in ("tag_fen", "cost_fen", "weight_milli"):
        op.add_column("order_line", sa.Column(name, sa.BigInteger()))
    op.add_column("order_line", sa.Column("coupons", JSONB()))
    op.drop_constraint("ck_order_line_one_sign", "order_line")
    checks = {
        "one_sign": "least(quantity, paid_fen, net_fen) >= 0 OR greatest(quantity, paid_fen, net_fen) <= 0",
        "kind": "kind IN ('goods', 'service', 'stored_value', 'gift_card', 'deposit', 'freight')",
        "sales": "kind IN ('goods', 'service') OR (net_fen = 0 AND net_sales_fen = 0)",
    }
    for name, check in checks.items():
        op.create_check_constraint(op.f(f"ck_order_line_{name}"), "order_line", check)


def _settings() -> None:
    op.create_table(
        "order_settings",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("settings", JSONB(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_order_settings_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_settings")),
    )
    load_guards("order_settings", "audit_entry")
