"""What closing would post of open periods, as it was counted last, for summaries to read."""

import sqlalchemy as sa
from alembic import op

from migrations.guards import load_guards

revision = "0164"
down_revision = "0163"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "projected_pay",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("period_id", sa.Uuid(), nullable=False),
        sa.Column("plan_version_id", sa.Uuid(), nullable=False),
        sa.Column("period_ends", sa.Date(), nullable=False),
        sa.Column("rule_no", sa.Integer(), nullable=False),
        sa.Column("cause", sa.String(64), nullable=False),
        sa.Column("guide_id", sa.Uuid(), nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("fen", sa.BigInteger(), nullable=False),
        sa.Column("counted_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_projected_pay")),
        sa.ForeignKeyConstraint(["period_id"], ["pay_period.id"], name=op.f("fk_projected_pay_period_id")),
        sa.ForeignKeyConstraint(
            ["plan_version_id"], ["plan_version.id"], name=op.f("fk_projected_pay_plan_version_id")
        ),
        sa.ForeignKeyConstraint(["guide_id"], ["staff.id"], name=op.f("fk_projected_pay_guide_id")),
    )
    op.create_index(op.f("ix_projected_pay_period_id"), "projected_pay", ["period_id"])
    op.create_index(op.f("ix_projected_pay_guide_id"), "projected_pay", ["guide_id"])
    load_guards("list_change")
