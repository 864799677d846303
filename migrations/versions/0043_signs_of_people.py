"""Touches say what showed that a person was there, and none counts without it; names in messages are reveals."""

import sqlalchemy as sa
from alembic import op

revision = "0043"
down_revision = "0042"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Touches are never changed; what was counted before was counted as though its cookie had come back.
    op.add_column("touch", sa.Column("sign", sa.String(length=64), server_default="cookie"))
    op.alter_column("touch", "sign", server_default=None)
    op.create_check_constraint(op.f("ck_touch_sign"), "touch", "sign IS NOT NULL OR NOT counted")
    op.add_column("customer_reveal", sa.Column("reference_id", sa.Uuid()))
    op.create_unique_constraint(op.f("uq_customer_reveal_reference_id"), "customer_reveal", ["reference_id"])
