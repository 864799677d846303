"""Which orders their source moved in time, so that their postings are found by the day they are on now."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

# An entry keeps the time its order had when it was posted.
FIND = """
UPDATE sales_order o SET redated = true
WHERE EXISTS (
  SELECT FROM ledger_transaction t JOIN ledger_entry e ON e.transaction_id = t.id
  WHERE t.order_id = o.id AND e.business_at <> o.ordered_at
)
"""


def upgrade() -> None:
    op.add_column("sales_order", sa.Column("redated", sa.Boolean(), server_default="false", nullable=False))
    op.execute(FIND)
    op.create_index(
        "ix_sales_order_business_day_redated", "sales_order", ["business_day"], postgresql_where=sa.text("redated")
    )
    # A new column has no statistics: half of all orders would seem to have been moved.
    op.execute("ANALYZE sales_order (redated)")
