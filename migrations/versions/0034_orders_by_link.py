"""Orders are found by the link they came through: what a content brought."""

from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "ix_sales_order_share_token", "sales_order", ["share_token"], postgresql_where="share_token IS NOT NULL"
    )
