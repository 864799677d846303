"""A source with a secret takes unsigned pushes only where it was told to."""

import sqlalchemy as sa
from alembic import op

revision = "0046"
down_revision = "0045"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("source", sa.Column("unsigned_pushes", sa.Boolean(), server_default=sa.false(), nullable=False))
