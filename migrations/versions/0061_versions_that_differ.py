"""What a version of an order said, so that the same version with other content is not taken for it."""

import sqlalchemy as sa
from alembic import op

revision = "0061"
down_revision = "0060"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("sales_order", sa.Column("content_digest", sa.BigInteger()))
