"""Compare what a statement changed by hashing, also in the audit log and for orders that move to another day.

A plan is kept for the session: one made when a single row changed compares each row of a later import with every other.
"""

from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for function in ("audit_update()", "note_order_moves()"):
        op.execute(f"ALTER FUNCTION {function} SET enable_nestloop = off")
