"""Stores have a country, a city, and a selling area with the day from which it holds."""

import sqlalchemy as sa
from alembic import op

from migrations.guards import load_guards

revision = "0091"
down_revision = "0090"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("store", sa.Column("country", sa.String(2), server_default="CN", nullable=False))
    op.add_column("store", sa.Column("city", sa.String(100)))
    op.create_check_constraint(op.f("ck_store_country"), "store", "country ~ '^[A-Z]{2}$'")
    op.create_table(
        "store_area",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuid7()"), nullable=False),
        sa.Column("store_id", sa.Uuid(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("area_m2", sa.Integer(), nullable=False),
        sa.CheckConstraint("area_m2 BETWEEN 1 AND 1000000", name=op.f("ck_store_area_area_m2")),
        sa.ForeignKeyConstraint(["store_id"], ["store.id"], name=op.f("fk_store_area_store_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_store_area")),
        sa.UniqueConstraint("store_id", "valid_from", name=op.f("uq_store_area_store_id_valid_from")),
    )
    load_guards("audit_entry")
