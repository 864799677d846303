"""Who was erased, by an index: what they leave behind is looked for every hour."""

import sqlalchemy as sa
from alembic import op

revision = "0132"
down_revision = "0131"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_customer_erased", "customer", ["id"], postgresql_where=sa.text("erased_at IS NOT NULL"))
