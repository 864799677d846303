"""Settlements of pay periods, the statements of guides, and which ledger entries these settle."""

import sqlalchemy as sa
from alembic import op

from migrations.guards import load_guards

revision = "0190"
down_revision = "0183"
branch_labels = None
depends_on = None

UUID7 = sa.text("uuid7()")
AT = sa.DateTime(timezone=True)
FEN = ("opening_fen", "accrued_fen", "reversed_fen", "adjusted_fen", "payable_fen", "carried_fen")
CHECKS = {
    "state": "state IN ('in_review','held','approved','rejected','paid')",
    "sum": "opening_fen + accrued_fen + reversed_fen + adjusted_fen = payable_fen + carried_fen",
    "gained": "least(accrued_fen, payable_fen) >= 0",
    "owed_back": "greatest(opening_fen, reversed_fen, carried_fen) <= 0",
    "one_way": "payable_fen = 0 OR carried_fen = 0",
    "opening": "(opening_fen < 0) = (previous_id IS NOT NULL)",
    "held_why": "state <> 'held' OR reason IS NOT NULL",
}


def upgrade() -> None:
    _settlement()
    _statement()
    _statement_entry()
    _settlement_step()
    load_guards("settlement", "settlement_step", "statement", "statement_entry", "audit_entry")


def _settlement() -> None:
    op.create_table(
        "settlement",
        sa.Column("id", sa.Uuid(), server_default=UUID7, nullable=False),
        sa.Column("period_id", sa.Uuid(), nullable=False),
        sa.Column("counted_at", AT),
        sa.Column("empty_because", sa.ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.Column("created_at", AT, nullable=False),
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        sa.ForeignKeyConstraint(["period_id"], ["pay_period.id"], name=op.f("fk_settlement_period_id")),
        sa.ForeignKeyConstraint(["created_by"], ["staff.id"], name=op.f("fk_settlement_created_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_settlement")),
        sa.UniqueConstraint("period_id", name=op.f("uq_settlement_period_id")),
    )


def _statement() -> None:
    op.create_table(
        "statement",
        sa.Column("id", sa.Uuid(), server_default=UUID7, nullable=False),
        sa.Column("settlement_id", sa.Uuid(), nullable=False),
        sa.Column("guide_id", sa.Uuid(), nullable=False),
        sa.Column("store_id", sa.Uuid(), nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("state", sa.String(64), server_default="in_review", nullable=False),
        sa.Column("previous_id", sa.Uuid()),
        *(sa.Column(name, sa.BigInteger(), server_default="0", nullable=False) for name in FEN),
        sa.Column("reason", sa.String(500)),
        sa.Column("held_until", sa.Date()),
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        *(sa.CheckConstraint(check, name=op.f(f"ck_statement_{name}")) for name, check in CHECKS.items()),
        sa.ForeignKeyConstraint(["settlement_id"], ["settlement.id"], name=op.f("fk_statement_settlement_id")),
        sa.ForeignKeyConstraint(["guide_id"], ["staff.id"], name=op.f("fk_statement_guide_id")),
        sa.ForeignKeyConstraint(["store_id"], ["store.id"], name=op.f("fk_statement_store_id")),
        sa.ForeignKeyConstraint(["previous_id"], ["statement.id"], name=op.f("fk_statement_previous_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_statement")),
        sa.UniqueConstraint(
            *("settlement_id", "guide_id", "currency"), name=op.f("uq_statement_settlement_id_guide_id_currency")
        ),
        sa.UniqueConstraint("previous_id", name=op.f("uq_statement_previous_id")),
    )
    op.create_index(op.f("ix_statement_guide_id_settlement_id"), "statement", ["guide_id", "settlement_id"])


def _statement_entry() -> None:
    op.create_table(
        "statement_entry",
        sa.Column("entry_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("statement_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["entry_id"], ["ledger_entry.id"], name=op.f("fk_statement_entry_entry_id")),
        sa.ForeignKeyConstraint(["statement_id"], ["statement.id"], name=op.f("fk_statement_entry_statement_id")),
        sa.PrimaryKeyConstraint("entry_id", name=op.f("pk_statement_entry")),
    )
    op.create_index(op.f("ix_statement_entry_statement_id_entry_id"), "statement_entry", ["statement_id", "entry_id"])


def _settlement_step() -> None:
    op.create_table(
        "settlement_step",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("settlement_id", sa.Uuid(), nullable=False),
        sa.Column("statement_id", sa.Uuid()),
        sa.Column("command", sa.String(64), nullable=False),
        sa.Column("state", sa.String(64), nullable=False),
        sa.Column("reason", sa.String(500)),
        sa.Column("taken_by", sa.Uuid(), nullable=False),
        sa.Column("taken_at", AT, nullable=False),
        sa.ForeignKeyConstraint(["settlement_id"], ["settlement.id"], name=op.f("fk_settlement_step_settlement_id")),
        sa.ForeignKeyConstraint(["statement_id"], ["statement.id"], name=op.f("fk_settlement_step_statement_id")),
        sa.ForeignKeyConstraint(["taken_by"], ["staff.id"], name=op.f("fk_settlement_step_taken_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_settlement_step")),
    )
    for column in ("settlement_id", "statement_id"):
        op.create_index(op.f(f"ix_settlement_step_{column}_id"), "settlement_step", [column, "id"])
