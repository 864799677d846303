"""A plan version needs two people; one posting of an order is one transaction; SQL rounds as Python does."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

# kit.money.share_fen, to the fen (a test compares them).
SHARE_FEN = """
CREATE FUNCTION share_fen(amount_fen bigint, rate_bp bigint) RETURNS bigint
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  SELECT CASE WHEN (amount_fen >= 0) = (rate_bp >= 0) THEN 1 ELSE -1 END
         * ((abs(amount_fen) * abs(rate_bp) * 2 + 10000) / 20000)
$$
"""


def upgrade() -> None:
    op.execute(SHARE_FEN)
    op.add_column("plan_version", sa.Column("created_by", sa.Uuid(), nullable=False))
    op.add_column("plan_version", sa.Column("approved_by", sa.Uuid(), nullable=True))
    for column in ("created_by", "approved_by"):
        op.create_foreign_key(op.f(f"fk_plan_version_{column}"), "plan_version", "staff", [column], ["id"])
    op.create_check_constraint(op.f("ck_plan_version_two_people"), "plan_version", "approved_by <> created_by")
    op.create_check_constraint(
        op.f("ck_plan_version_approval"), "plan_version", "(approved_by IS NULL) = (approved_at IS NULL)"
    )
    op.drop_constraint(
        op.f("uq_ledger_transaction_order_id_order_revision_plan_version_id"), "ledger_transaction", type_="unique"
    )
    op.drop_column("ledger_transaction", "plan_version_id")
    op.create_index(op.f("ix_ledger_transaction_order_id"), "ledger_transaction", ["order_id"])
