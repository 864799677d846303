"""Commission plans, and the ledger."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "commissions"
down_revision = "clienteling"
branch_labels = None
depends_on = None

AT = sa.DateTime(timezone=True)
UUID7 = sa.text("uuid7()")
NOW = sa.text("now()")


def upgrade() -> None:
    _commission_plan()
    _ledger_account()
    _plan_version()
    _ledger_transaction()
    _order_posting()
    _ledger_entry()


def _commission_plan() -> None:
    op.create_table(
        "commission_plan",
        sa.Column("id", sa.Uuid(), server_default=UUID7, nullable=False),
        sa.Column("code", sa.String(64), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_commission_plan")),
        sa.UniqueConstraint("code", name=op.f("uq_commission_plan_code")),
    )


def _ledger_account() -> None:
    op.create_table(
        "ledger_account",
        sa.Column("id", sa.Uuid(), server_default=UUID7, nullable=False),
        sa.Column("kind", sa.String(64), nullable=False),
        sa.Column("staff_id", sa.Uuid()),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.CheckConstraint("(kind = 'guide_payable') = (staff_id IS NOT NULL)", name=op.f("ck_ledger_account_owner")),
        sa.CheckConstraint("kind IN ('commission_expense', 'guide_payable')", name=op.f("ck_ledger_account_kind")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_ledger_account_staff_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_account")),
        sa.UniqueConstraint(
            "kind",
            "staff_id",
            "currency",
            name=op.f("uq_ledger_account_kind_staff_id_currency"),
            postgresql_nulls_not_distinct=True,
        ),
    )


def _plan_version() -> None:
    op.create_table(
        "plan_version",
        sa.Column("id", sa.Uuid(), server_default=UUID7, nullable=False),
        sa.Column("plan_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("rules", JSONB(), nullable=False),
        sa.Column("effective_from", AT, nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.Column("approved_by", sa.Uuid()),
        sa.Column("approved_at", AT),
        sa.CheckConstraint("(approved_by IS NULL) = (approved_at IS NULL)", name=op.f("ck_plan_version_approval")),
        sa.CheckConstraint("approved_by <> created_by", name=op.f("ck_plan_version_two_people")),
        sa.ForeignKeyConstraint(["approved_by"], ["staff.id"], name=op.f("fk_plan_version_approved_by")),
        sa.ForeignKeyConstraint(["created_by"], ["staff.id"], name=op.f("fk_plan_version_created_by")),
        sa.ForeignKeyConstraint(["plan_id"], ["commission_plan.id"], name=op.f("fk_plan_version_plan_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan_version")),
        sa.UniqueConstraint("plan_id", "number", name=op.f("uq_plan_version_plan_id_number")),
    )
    op.create_index(op.f("ix_plan_version_effective_from"), "plan_version", ["effective_from"])


def _ledger_transaction() -> None:
    op.create_table(
        "ledger_transaction",
        sa.Column("id", sa.Uuid(), server_default=UUID7, nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("order_revision", sa.Integer(), nullable=False),
        sa.Column("created_at", AT, server_default=NOW, nullable=False),
        sa.ForeignKeyConstraint(["order_id"], ["sales_order.id"], name=op.f("fk_ledger_transaction_order_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_transaction")),
    )
    op.create_index(op.f("ix_ledger_transaction_created_at"), "ledger_transaction", ["created_at"])
    op.create_index(op.f("ix_ledger_transaction_order_id"), "ledger_transaction", ["order_id"])


def _order_posting() -> None:
    op.create_table(
        "order_posting",
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["order_id"], ["sales_order.id"], name=op.f("fk_order_posting_order_id")),
        sa.PrimaryKeyConstraint("order_id", name=op.f("pk_order_posting")),
    )


def _ledger_entry() -> None:
    op.create_table(
        "ledger_entry",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("transaction_id", sa.Uuid(), nullable=False),
        sa.Column("debit_account_id", sa.Uuid(), nullable=False),
        sa.Column("credit_account_id", sa.Uuid(), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("order_line_id", sa.Uuid(), nullable=False),
        sa.Column("guide_id", sa.Uuid(), nullable=False),
        sa.Column("plan_version_id", sa.Uuid(), nullable=False),
        sa.Column("rule_no", sa.Integer(), nullable=False),
        sa.Column("net_fen", sa.BigInteger(), nullable=False),
        sa.Column("rate_bp", sa.Integer(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("business_at", AT, nullable=False),
        sa.Column("reason", sa.String(64)),
        sa.CheckConstraint("reason = 'late_classification'", name=op.f("ck_ledger_entry_reason")),
        sa.CheckConstraint("amount_fen > 0", name=op.f("ck_ledger_entry_amount")),
        sa.CheckConstraint("debit_account_id <> credit_account_id", name=op.f("ck_ledger_entry_accounts")),
        sa.ForeignKeyConstraint(
            ["credit_account_id"], ["ledger_account.id"], name=op.f("fk_ledger_entry_credit_account_id")
        ),
        sa.ForeignKeyConstraint(
            ["debit_account_id"], ["ledger_account.id"], name=op.f("fk_ledger_entry_debit_account_id")
        ),
        sa.ForeignKeyConstraint(["guide_id"], ["staff.id"], name=op.f("fk_ledger_entry_guide_id")),
        sa.ForeignKeyConstraint(["order_line_id"], ["order_line.id"], name=op.f("fk_ledger_entry_order_line_id")),
        sa.ForeignKeyConstraint(["plan_version_id"], ["plan_version.id"], name=op.f("fk_ledger_entry_plan_version_id")),
        sa.ForeignKeyConstraint(
            ["transaction_id"], ["ledger_transaction.id"], name=op.f("fk_ledger_entry_transaction_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_entry")),
        sa.UniqueConstraint(
            "order_line_id",
            "guide_id",
            "plan_version_id",
            "rule_no",
            "sequence",
            name=op.f("uq_ledger_entry_order_line_id_guide_id_plan_version_id_rule_no_sequence"),
        ),
    )
    op.create_index(op.f("ix_ledger_entry_business_at"), "ledger_entry", ["business_at"])
    op.create_index(op.f("ix_ledger_entry_guide_id_business_at"), "ledger_entry", ["guide_id", "business_at"])
    op.create_index(op.f("ix_ledger_entry_transaction_id"), "ledger_entry", ["transaction_id"])
