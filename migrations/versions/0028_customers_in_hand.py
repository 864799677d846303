"""Tags, merges and reveals of customers; indexes for the lists of a guide and of a store."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

AT = sa.DateTime(timezone=True)
ID = sa.text("uuid7()")


def upgrade() -> None:
    op.drop_index("ix_customer_store_id", "customer")
    op.create_index(
        "ix_customer_of_store",
        "customer",
        ["store_id", "id"],
        postgresql_where=sa.text("merged_into_id IS NULL AND erased_at IS NULL"),
    )
    op.create_index(
        "ix_binding_live_of_guide",
        "binding",
        ["guide_id", "customer_id"],
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    _tags()
    op.create_table(
        "customer_merge",
        sa.Column("id", sa.Uuid(), server_default=ID, nullable=False),
        sa.Column("survivor_id", sa.Uuid(), nullable=False),
        sa.Column("loser_id", sa.Uuid(), nullable=False),
        sa.Column("merged_by", sa.Uuid(), nullable=True),
        sa.Column("reason", sa.String(length=64), nullable=False),
        sa.Column("moved", postgresql.JSONB(), nullable=False),
        sa.Column("merged_at", AT, nullable=False),
        sa.ForeignKeyConstraint(["survivor_id"], ["customer.id"], name=op.f("fk_customer_merge_survivor_id")),
        sa.ForeignKeyConstraint(["loser_id"], ["customer.id"], name=op.f("fk_customer_merge_loser_id")),
        sa.ForeignKeyConstraint(["merged_by"], ["staff.id"], name=op.f("fk_customer_merge_merged_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_customer_merge")),
        sa.UniqueConstraint("loser_id", name=op.f("uq_customer_merge_loser_id")),
    )
    op.create_index(op.f("ix_customer_merge_survivor_id"), "customer_merge", ["survivor_id"])
    op.create_table(
        "customer_reveal",
        sa.Column("id", sa.Uuid(), server_default=ID, nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.String(length=64), nullable=False),
        sa.Column("revealed_at", AT, nullable=False),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("fk_customer_reveal_customer_id")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_customer_reveal_staff_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_customer_reveal")),
    )
    op.create_index(op.f("ix_customer_reveal_customer_id"), "customer_reveal", ["customer_id"])
    op.create_index(op.f("ix_customer_reveal_staff_id_revealed_at"), "customer_reveal", ["staff_id", "revealed_at"])


def _tags() -> None:
    live = sa.text("removed_at IS NULL")
    op.create_table(
        "customer_tag",
        sa.Column("id", sa.Uuid(), server_default=ID, nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("tag", sa.String(length=64), nullable=False),
        sa.Column("origin", sa.String(length=64), nullable=False),
        sa.Column("set_by", sa.Uuid(), nullable=True),
        sa.Column("created_at", AT, nullable=False),
        sa.Column("removed_by", sa.Uuid(), nullable=True),
        sa.Column("removed_at", AT, nullable=True),
        sa.CheckConstraint("origin IN ('person', 'rule', 'purchase', 'import')", name=op.f("ck_customer_tag_origin")),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("fk_customer_tag_customer_id")),
        sa.ForeignKeyConstraint(["set_by"], ["staff.id"], name=op.f("fk_customer_tag_set_by")),
        sa.ForeignKeyConstraint(["removed_by"], ["staff.id"], name=op.f("fk_customer_tag_removed_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_customer_tag")),
    )
    op.create_index(op.f("ix_customer_tag_customer_id"), "customer_tag", ["customer_id"])
    op.create_index("uq_customer_tag_live", "customer_tag", ["customer_id", "tag"], unique=True, postgresql_where=live)
    op.create_index("ix_customer_tag_live_by_tag", "customer_tag", ["tag", "customer_id"], postgresql_where=live)
