"""Thumbnails are kept beside the files that they are of; assets need no column for theirs."""

from alembic import op

revision = "0060"
down_revision = "0059"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_column("asset", "thumb_key")
