"""What is doubtful about a line that takes back a sale is kept beside it."""

import sqlalchemy as sa
from alembic import op

revision = "0143"
down_revision = "0142"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("refund_line", sa.Column("doubt", sa.String(64)))
    doubts = "doubt IN ('more_pieces_than_sold', 'more_money_than_paid', 'no_such_order_line')"
    op.create_check_constraint(op.f("ck_refund_line_doubt"), "refund_line", doubts)
