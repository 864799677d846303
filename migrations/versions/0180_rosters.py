"""Rosters by month, and the minutes of a full day in a store."""

import sqlalchemy as sa
from alembic import op

from migrations.guards import load_guards

revision = "0180"
down_revision = "0171"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("store", sa.Column("normal_minutes", sa.Integer(), server_default="480", nullable=False))
    op.create_check_constraint(op.f("ck_store_normal_minutes"), "store", "normal_minutes BETWEEN 1 AND 1440")
    # A day's row is small: what has a fixed width first.
    op.create_table(
        "roster_day",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("store_id", sa.Uuid(), nullable=False),
        sa.Column("source_version", sa.BigInteger(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.CheckConstraint("kind IN ('work', 'leave', 'off', 'training')", name=op.f("ck_roster_day_kind")),
        sa.CheckConstraint(
            "CASE WHEN kind IN ('work', 'training') THEN minutes BETWEEN 1 AND 1440 ELSE minutes = 0 END",
            name=op.f("ck_roster_day_minutes"),
        ),
        sa.CheckConstraint("source_version >= 0", name=op.f("ck_roster_day_source_version")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_roster_day_staff_id")),
        sa.ForeignKeyConstraint(["store_id"], ["store.id"], name=op.f("fk_roster_day_store_id")),
        sa.PrimaryKeyConstraint("day", "staff_id", "store_id", name=op.f("pk_roster_day")),
        postgresql_partition_by="RANGE (day)",
    )
    op.create_index(op.f("ix_roster_day_store_id_day"), "roster_day", ["store_id", "day"])
    leave = sa.text("kind = 'leave'")
    op.create_index("ix_roster_day_leave", "roster_day", ["day", "staff_id"], postgresql_where=leave)
    op.execute("CREATE TABLE roster_day_default PARTITION OF roster_day DEFAULT")
    load_guards("roster_day")
