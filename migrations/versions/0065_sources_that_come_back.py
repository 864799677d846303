"""What a retired source said of the shelf, for when it comes back."""

import sqlalchemy as sa
from alembic import op

revision = "0065"
down_revision = "0064"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("product", sa.Column("retired_status", sa.String(64)))
    op.add_column("product", sa.Column("retired_reason", sa.String(200)))
