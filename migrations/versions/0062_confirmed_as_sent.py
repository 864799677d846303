"""Figures of tasks follow what is confirmed as sent."""

from alembic import op

revision = "0062"
down_revision = "0061"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_forward_confirmation_created_at", "forward_confirmation", ["created_at"])
