"""How many people came into each store, by hour."""

import sqlalchemy as sa
from alembic import op

revision = "0145"
down_revision = "0144"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "footfall",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("source_id", sa.Uuid(), nullable=False),
        sa.Column("store_id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("hour", sa.SmallInteger(), nullable=False),
        sa.Column("visitors", sa.Integer(), nullable=False),
        sa.Column("source_version", sa.BigInteger(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("hour BETWEEN 0 AND 23", name=op.f("ck_footfall_hour")),
        sa.CheckConstraint("visitors BETWEEN 0 AND 1000000", name=op.f("ck_footfall_visitors")),
        sa.ForeignKeyConstraint(["source_id"], ["source.id"], name=op.f("fk_footfall_source_id")),
        sa.ForeignKeyConstraint(["store_id"], ["store.id"], name=op.f("fk_footfall_store_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_footfall")),
        sa.UniqueConstraint(
            "store_id", "day", "hour", "source_id", name=op.f("uq_footfall_store_id_day_hour_source_id")
        ),
    )
