"""Jobs that failed at their last attempt."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "dead_letter",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("job", sa.String(100), nullable=False),
        sa.Column("arguments", JSONB(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("error", sa.String(300), nullable=False),
        sa.Column("first_failed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_failed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("retried_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "jsonb_typeof(arguments) = 'object' AND length(arguments::text) <= 2000",
            name=op.f("ck_dead_letter_arguments"),
        ),
        sa.CheckConstraint("attempts >= 1 AND failures >= 1", name=op.f("ck_dead_letter_counts")),
        sa.CheckConstraint("first_failed_at <= last_failed_at", name=op.f("ck_dead_letter_times")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dead_letter")),
        sa.UniqueConstraint("job", "arguments", name=op.f("uq_dead_letter_job_arguments")),
    )
    op.create_index(op.f("ix_dead_letter_last_failed_at_id"), "dead_letter", ["last_failed_at", "id"])
