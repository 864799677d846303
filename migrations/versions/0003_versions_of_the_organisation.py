"""Regions, stores and staff carry a version, by which two editors notice each other."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for table in ("region", "store", "staff"):
        op.add_column(table, sa.Column("version", sa.BigInteger(), server_default="1", nullable=False))
