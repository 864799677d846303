"""Figures per currency, what makes a closed day stale, and cancelled task plans."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

# When a source moves an order to another day, the day it left has nothing that points to it any more.
NOTE_MOVES = """
CREATE FUNCTION note_order_moves() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO order_move (day, moved_at)
  SELECT o.business_day, max(n.changed_at)
  FROM after_rows n JOIN before_rows o USING (id)
  WHERE n.business_day <> o.business_day
  GROUP BY o.business_day;
  RETURN NULL;
END $$;
CREATE TRIGGER moved AFTER UPDATE ON sales_order REFERENCING NEW TABLE AS after_rows OLD TABLE AS before_rows
  FOR EACH STATEMENT EXECUTE FUNCTION note_order_moves()
"""


def upgrade() -> None:
    _keep_currencies_apart()
    _know_what_changed()
    _cancel_plans()
    op.create_index("ix_attribution_guide_id_decided_at", "attribution", ["guide_id", "decided_at"])
    op.create_index("ix_ledger_entry_business_at", "ledger_entry", ["business_at"])
    op.create_index("ix_ledger_transaction_created_at", "ledger_transaction", ["created_at"])


def _keep_currencies_apart() -> None:
    # Figures are rebuilt from the facts, so none needs converting.
    op.execute("DELETE FROM guide_day")
    op.execute("DELETE FROM closed_day")
    op.add_column("guide_day", sa.Column("currency", sa.String(length=3), nullable=False))
    op.drop_constraint("uq_guide_day_day_store_id_guide_id", "guide_day")
    op.create_unique_constraint(
        "uq_guide_day_day_store_id_guide_id_currency",
        "guide_day",
        ["day", "store_id", "guide_id", "currency"],
        postgresql_nulls_not_distinct=True,
    )


def _know_what_changed() -> None:
    op.alter_column("closed_day", "computed_at", nullable=True)
    op.add_column("closed_day", sa.Column("changed_at", sa.DateTime(timezone=True)))
    op.create_index("ix_closed_day_changed_at", "closed_day", ["changed_at"])
    op.create_table(
        "order_move",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("moved_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_order_move"),
    )
    op.create_index("ix_order_move_moved_at", "order_move", ["moved_at"])
    op.execute(NOTE_MOVES)
    op.create_index("ix_submission_created_at", "submission", ["created_at"])


def _cancel_plans() -> None:
    op.add_column("task_plan", sa.Column("cancelled_at", sa.DateTime(timezone=True)))
    op.create_index("ix_task_plan_created_at_id", "task_plan", ["created_at", "id"])
    op.create_index(
        "ix_task_plan_cancelled_at", "task_plan", ["cancelled_at"], postgresql_where=sa.text("cancelled_at IS NOT NULL")
    )
    op.drop_constraint(op.f("ck_assignment_state"), "assignment")
    op.create_check_constraint(op.f("ck_assignment_state"), "assignment", "state IN ('open', 'cancelled')")
