"""Versions of the policy by which sales are credited, and how far they are applied to what was sold before."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from migrations.guards import load_guards

revision = "0152"
down_revision = "0151"
branch_labels = None
depends_on = None

AT = sa.DateTime(timezone=True)
UUID7 = sa.text("uuid7()")


def upgrade() -> None:
    op.create_table(
        "attribution_policy",
        sa.Column("id", sa.Uuid(), server_default=UUID7, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("document", JSONB(), nullable=False),
        sa.Column("effective_from", AT, nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.Column("approved_by", sa.Uuid()),
        sa.Column("approved_at", AT),
        sa.CheckConstraint("number > 1", name=op.f("ck_attribution_policy_number")),
        sa.CheckConstraint("approved_by <> created_by", name=op.f("ck_attribution_policy_two_people")),
        sa.CheckConstraint(
            "(approved_by IS NULL) = (approved_at IS NULL)", name=op.f("ck_attribution_policy_approval")
        ),
        sa.ForeignKeyConstraint(["created_by"], ["staff.id"], name=op.f("fk_attribution_policy_created_by")),
        sa.ForeignKeyConstraint(["approved_by"], ["staff.id"], name=op.f("fk_attribution_policy_approved_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attribution_policy")),
        sa.UniqueConstraint("number", name=op.f("uq_attribution_policy_number")),
    )
    op.create_table(
        "policy_sweep",
        sa.Column("policy_id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("store_id", sa.Uuid()),
        sa.Column("done_at", AT),
        sa.ForeignKeyConstraint(["policy_id"], ["attribution_policy.id"], name=op.f("fk_policy_sweep_policy_id")),
        sa.PrimaryKeyConstraint("policy_id", name=op.f("pk_policy_sweep")),
    )
    op.create_table(
        "withheld_decision",
        sa.Column("id", sa.Uuid(), server_default=UUID7, nullable=False),
        sa.Column("policy_id", sa.Uuid(), nullable=False),
        sa.Column("line_id", sa.Uuid(), nullable=False),
        sa.Column("noted_at", AT, nullable=False),
        sa.ForeignKeyConstraint(["policy_id"], ["attribution_policy.id"], name=op.f("fk_withheld_decision_policy_id")),
        sa.ForeignKeyConstraint(["line_id"], ["order_line.id"], name=op.f("fk_withheld_decision_line_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_withheld_decision")),
        sa.UniqueConstraint("policy_id", "line_id", name=op.f("uq_withheld_decision_policy_id_line_id")),
    )
    op.create_index(op.f("ix_withheld_decision_policy_id_id"), "withheld_decision", ["policy_id", "id"])
    load_guards("attribution_policy", "audit_entry")
