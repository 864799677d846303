"""What changes of placements say anew of days that are over."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from migrations.guards import load_guards

revision = "0183"
down_revision = "0182"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "placement_correction",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("placement_id", sa.Uuid(), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("store_id", sa.Uuid(), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("before", JSONB()),
        sa.Column("after", JSONB()),
        sa.Column("reason", sa.String(500)),
        sa.Column("corrected_by", sa.Uuid()),
        sa.Column("corrected_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("first_day <= last_day", name=op.f("ck_placement_correction_days")),
        sa.CheckConstraint("before IS NOT NULL OR after IS NOT NULL", name=op.f("ck_placement_correction_says")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_placement_correction_staff_id")),
        sa.ForeignKeyConstraint(["store_id"], ["store.id"], name=op.f("fk_placement_correction_store_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_placement_correction")),
    )
    op.create_index(op.f("ix_placement_correction_last_day"), "placement_correction", ["last_day"])
    load_guards("placement", "placement_correction")
