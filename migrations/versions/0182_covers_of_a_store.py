"""Covers of a store are found without its people at home."""

import sqlalchemy as sa
from alembic import op

revision = "0182"
down_revision = "0181"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "ix_placement_cover", "placement", ["store_id", "last_day"], postgresql_where=sa.text("kind = 'cover'")
    )
