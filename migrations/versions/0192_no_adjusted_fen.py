"""Nobody adjusts a statement by hand: its amounts are what was carried, earned and taken back."""

from alembic import op

from migrations.guards import load_guards

revision = "0192"
down_revision = "0191"
branch_labels = None
depends_on = None

SUM = "opening_fen + accrued_fen + reversed_fen = payable_fen + carried_fen"


def upgrade() -> None:
    op.drop_constraint(op.f("ck_statement_sum"), "statement")
    op.drop_column("statement", "adjusted_fen")
    op.create_check_constraint(op.f("ck_statement_sum"), "statement", SUM)
    load_guards("statement")
