"""Staged products are taken apart as they come in, and runs note what their files are counted by."""

import sqlalchemy as sa
from alembic import op

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Filled again by whatever reads on: an import that finds less than it had staged starts over.
    op.execute("TRUNCATE sync_item")
    op.execute("ALTER TABLE sync_item ALTER COLUMN payload TYPE jsonb USING payload::jsonb")
    op.add_column("sync_item", sa.Column("on_shelf", sa.Boolean(), nullable=False))
    op.add_column("sync_run", sa.Column("missing", sa.Integer()))
    op.drop_column("sync_run", "versioned")
    op.add_column("sync_run", sa.Column("unversioned", sa.Integer(), server_default="0", nullable=False))
