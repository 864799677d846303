"""When a guide tapped without a network, by the phone's own clock."""

import sqlalchemy as sa
from alembic import op

revision = "0080"
down_revision = "0072"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("forward", sa.Column("captured_at", sa.DateTime(timezone=True)))
