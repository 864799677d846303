"""Touches say what showed that a person was there, and none counts without it; names in messages are reveals."""

import sqlalchemy as sa
from alembic import op

revision = "0043"
down_revision = "0046"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("touch", sa.Column("sign", sa.String(length=64)))
    # What was counted before nobody can tell now; touches are never changed.
    op.execute("ALTER TABLE touch ADD CONSTRAINT ck_touch_sign CHECK (sign IS NOT NULL OR NOT counted) NOT VALID")
    op.add_column("customer_reveal", sa.Column("reference_id", sa.Uuid()))
    op.create_unique_constraint(op.f("uq_customer_reveal_reference_id"), "customer_reveal", ["reference_id"])
