"""The ledger says what caused a transaction; entries have a sign, a store and a day of their own, which may be closed."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ExcludeConstraint

from migrations.guards import load_guards

revision = "0160"
down_revision = "0152"
branch_labels = None
depends_on = None

AT = sa.DateTime(timezone=True)
OF_ORDER = "CASE WHEN cause = 'order' THEN cause_id END"
CAUSES = "cause IN ('order','period_rule','pool','contest','guarantee','adjustment','settlement','payout')"
KINDS = "kind IN ('commission_expense','guide_payable','store_pool')"
OWNER = "(kind = 'guide_payable') = (staff_id IS NOT NULL) AND (kind = 'store_pool') = (store_id IS NOT NULL)"
ONCE = ["order_line_id", "guide_id", "store_id", "plan_version_id", "rule_no", "sequence"]
FILL_ENTRIES = """
  UPDATE ledger_entry e
  SET store_id = o.store_id, business_day = o.business_day,
      signed_fen = CASE a.kind WHEN 'guide_payable' THEN e.amount_fen ELSE -e.amount_fen END
  FROM ledger_transaction t, sales_order o, ledger_account a
  WHERE t.id = e.transaction_id AND o.id = t.cause_id AND a.id = e.credit_account_id
"""


def upgrade() -> None:
    _periods()
    for table in ("ledger_transaction", "ledger_entry"):
        op.execute(f"ALTER TABLE {table} DISABLE TRIGGER append_only")
    _accounts()
    _transactions()
    _entries()
    for table in ("ledger_transaction", "ledger_entry"):
        op.execute(f"ALTER TABLE {table} ENABLE TRIGGER append_only")
    load_guards("pay_period", "ledger_entry", "audit_entry", "list_change")


def _periods() -> None:
    op.create_table(
        "pay_group_store",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuid7()"), nullable=False),
        sa.Column("store_id", sa.Uuid(), nullable=False),
        sa.Column("group_code", sa.String(64), nullable=False),
        sa.ForeignKeyConstraint(["store_id"], ["store.id"], name=op.f("fk_pay_group_store_store_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pay_group_store")),
        sa.UniqueConstraint("store_id", name=op.f("uq_pay_group_store_store_id")),
    )
    op.create_index(op.f("ix_pay_group_store_group_code"), "pay_group_store", ["group_code"])
    op.create_table(
        "pay_period",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuid7()"), nullable=False),
        sa.Column("group_code", sa.String(64), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("state", sa.String(64), server_default="open", nullable=False),
        sa.Column("closed_by", sa.Uuid()),
        sa.Column("closed_at", AT),
        sa.Column("approved_by", sa.Uuid()),
        sa.Column("approved_at", AT),
        sa.Column("created_at", AT, server_default=sa.text("now()"), nullable=False),
        *_checks_of_periods(),
        sa.ForeignKeyConstraint(["closed_by"], ["staff.id"], name=op.f("fk_pay_period_closed_by")),
        sa.ForeignKeyConstraint(["approved_by"], ["staff.id"], name=op.f("fk_pay_period_approved_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pay_period")),
    )
    closed = sa.text("state IN ('approved', 'paid', 'locked')")
    op.create_index("ix_pay_period_closed", "pay_period", ["group_code", "last_day"], postgresql_where=closed)


def _checks_of_periods() -> list[sa.Constraint]:
    checks = {
        "state": "state IN ('open','closing','in_review','approved','paid','locked')",
        "days": "first_day <= last_day",
        "approval": "(approved_by IS NULL) = (approved_at IS NULL)",
        "two_people": "approved_by <> closed_by",
    }
    days = sa.text("daterange(first_day, last_day, '[]')")
    return [
        *(sa.CheckConstraint(check, name=op.f(f"ck_pay_period_{name}")) for name, check in checks.items()),
        ExcludeConstraint((sa.column("group_code"), "="), (days, "&&"), name="ex_pay_period_once", using="gist"),
    ]


def _accounts() -> None:
    op.add_column("ledger_account", sa.Column("store_id", sa.Uuid()))
    op.create_foreign_key(op.f("fk_ledger_account_store_id"), "ledger_account", "store", ["store_id"], ["id"])
    op.drop_constraint("uq_ledger_account_kind_staff_id_currency", "ledger_account")
    op.create_unique_constraint(
        op.f("uq_ledger_account_kind_staff_id_store_id_currency"),
        "ledger_account",
        ["kind", "staff_id", "store_id", "currency"],
        postgresql_nulls_not_distinct=True,
    )
    for name, check in (("kind", KINDS), ("owner", OWNER)):
        op.drop_constraint(f"ck_ledger_account_{name}", "ledger_account")
        op.create_check_constraint(op.f(f"ck_ledger_account_{name}"), "ledger_account", check)


def _transactions() -> None:
    op.add_column("ledger_transaction", sa.Column("cause", sa.String(64)))
    op.add_column("ledger_transaction", sa.Column("cause_id", sa.Uuid()))
    op.execute("UPDATE ledger_transaction SET cause = 'order', cause_id = order_id")
    for column in ("cause", "cause_id"):
        op.alter_column("ledger_transaction", column, nullable=False)
    op.drop_column("ledger_transaction", "order_id")
    op.add_column("ledger_transaction", sa.Column("order_id", sa.Uuid(), sa.Computed(OF_ORDER, persisted=True)))
    op.create_foreign_key(
        op.f("fk_ledger_transaction_order_id"), "ledger_transaction", "sales_order", ["order_id"], ["id"]
    )
    op.create_index(op.f("ix_ledger_transaction_order_id"), "ledger_transaction", ["order_id"])
    op.alter_column("ledger_transaction", "order_revision", nullable=True)
    op.create_check_constraint(op.f("ck_ledger_transaction_cause"), "ledger_transaction", CAUSES)
    revision_of_orders = "(cause = 'order') = (order_revision IS NOT NULL)"
    op.create_check_constraint(op.f("ck_ledger_transaction_revision"), "ledger_transaction", revision_of_orders)


def _entries() -> None:
    op.add_column("ledger_entry", sa.Column("signed_fen", sa.BigInteger()))
    op.add_column("ledger_entry", sa.Column("store_id", sa.Uuid()))
    op.add_column("ledger_entry", sa.Column("business_day", sa.Date()))
    op.add_column("ledger_entry", sa.Column("decision_id", sa.Uuid()))
    op.execute(FILL_ENTRIES)
    for column in ("signed_fen", "store_id", "business_day"):
        op.alter_column("ledger_entry", column, nullable=False)
    for column in ("order_line_id", "guide_id", "plan_version_id", "rule_no", "net_fen", "rate_bp"):
        op.alter_column("ledger_entry", column, nullable=True)
    op.create_foreign_key(op.f("fk_ledger_entry_store_id"), "ledger_entry", "store", ["store_id"], ["id"])
    op.create_check_constraint(op.f("ck_ledger_entry_signed"), "ledger_entry", "abs(signed_fen) = amount_fen")
    of_plan = "(plan_version_id IS NULL) = (rule_no IS NULL)"
    op.create_check_constraint(op.f("ck_ledger_entry_rule"), "ledger_entry", of_plan)
    op.execute("ALTER TABLE ledger_entry DROP CONSTRAINT uq_ledger_entry_order_line_id_guide_id_plan_version_id__6f9b")
    of_plans = sa.text("plan_version_id IS NOT NULL")
    kept = {"unique": True, "postgresql_nulls_not_distinct": True, "postgresql_where": of_plans}
    op.create_index("ix_ledger_entry_once", "ledger_entry", ONCE, **kept)
    op.drop_column("ledger_entry", "business_at")
    op.create_index(
        op.f("ix_ledger_entry_guide_id_business_day_id"), "ledger_entry", ["guide_id", "business_day", "id"]
    )
    op.create_index(op.f("ix_ledger_entry_business_day_id"), "ledger_entry", ["business_day", "id"])
    op.create_index(op.f("ix_ledger_entry_store_id_business_day"), "ledger_entry", ["store_id", "business_day"])
