"""Statements are approved, held, released and rejected by people; a period is approved once all are decided on."""

from alembic import op

from migrations.guards import load_guards

revision = "0191"
down_revision = "0190"
branch_labels = None
depends_on = None

CHECKS = {
    "state": "state IN ('in_review','held','approved','rejected')",
    "why": "state NOT IN ('held', 'rejected') OR reason IS NOT NULL",
    "held_until": "state = 'held' OR held_until IS NULL",
}


def upgrade() -> None:
    for name in ("state", "held_why"):
        op.drop_constraint(op.f(f"ck_statement_{name}"), "statement")
    for name, check in CHECKS.items():
        op.create_check_constraint(op.f(f"ck_statement_{name}"), "statement", check)
    load_guards("pay_period", "settlement_step", "statement", "statement_entry")
