"""Keep what is searched: the index asks for it again for every row that it finds."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_index("ix_product_search", table_name="product")
    op.add_column(
        "product",
        sa.Column("search", sa.Text(), sa.Computed("search_text((title)::text)", persisted=True), nullable=False),
    )
    op.execute("CREATE INDEX ix_product_search ON product USING gin (search gin_trgm_ops)")
