"""Imports of files: what they are to do, how far they are, what came of them."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "sync_item",
        sa.Column("run_id", sa.Uuid(), nullable=False),
        sa.Column("item_no", sa.Integer(), nullable=False),
        sa.Column("external_id", sa.String(length=128), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.BigInteger(), nullable=False),
        sa.Column("partial", sa.Boolean(), nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("run_id", "item_no", name=op.f("pk_sync_item")),
        prefixes=["UNLOGGED"],
    )
    op.create_table(
        "product_alias",
        sa.Column("source_id", sa.Uuid(), nullable=False),
        sa.Column("alias", sa.String(length=128), nullable=False),
        sa.Column("external_id", sa.String(length=128), nullable=True),
        sa.Column("deleted_version", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["source_id"], ["source.id"], name=op.f("fk_product_alias_source_id")),
        sa.PrimaryKeyConstraint("source_id", "alias", name=op.f("pk_product_alias")),
    )
    op.create_table(
        "sync_run",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuid7()"), nullable=False),
        sa.Column("source_id", sa.Uuid(), nullable=False),
        sa.Column("mode", sa.String(length=64), nullable=False),
        sa.Column("dry_run", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(length=64), nullable=False),
        sa.Column("file_key", sa.String(length=100), nullable=False),
        sa.Column("file_bytes", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("versioned", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("attempt", sa.Integer(), server_default="0", nullable=False),
        sa.Column("rows_read", sa.Integer(), server_default="0", nullable=False),
        sa.Column("items", sa.Integer(), server_default="0", nullable=False),
        sa.Column("applied_to", sa.Integer(), server_default="0", nullable=False),
        sa.Column("created", sa.Integer(), server_default="0", nullable=False),
        sa.Column("updated", sa.Integer(), server_default="0", nullable=False),
        sa.Column("unchanged", sa.Integer(), server_default="0", nullable=False),
        sa.Column("stale", sa.Integer(), server_default="0", nullable=False),
        sa.Column("rejected", sa.Integer(), server_default="0", nullable=False),
        sa.Column("off_shelved", sa.Integer(), server_default="0", nullable=False),
        sa.Column("confirmed", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("problem_code", sa.String(length=64), nullable=True),
        sa.Column("problem", sa.String(length=1000), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("mode IN ('upsert', 'snapshot')", name=op.f("ck_sync_run_mode")),
        sa.CheckConstraint(
            "state IN ('queued', 'reading', 'held', 'applying', 'done', 'failed', 'cancelled')",
            name=op.f("ck_sync_run_state"),
        ),
        sa.ForeignKeyConstraint(["source_id"], ["source.id"], name=op.f("fk_sync_run_source_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sync_run")),
    )
    op.create_index(op.f("ix_sync_run_source_id_created_at"), "sync_run", ["source_id", "created_at"], unique=False)
    op.create_index(
        op.f("ix_sync_run_updated_at"),
        "sync_run",
        ["updated_at"],
        unique=False,
        postgresql_where="state IN ('queued', 'reading', 'applying')",
    )
    op.create_table(
        "image_link",
        sa.Column("product_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("url", sa.String(length=2000), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("problem", sa.String(length=200), nullable=True),
        sa.ForeignKeyConstraint(["product_id"], ["product.id"], name=op.f("fk_image_link_product_id")),
        sa.PrimaryKeyConstraint("product_id", "position", name=op.f("pk_image_link")),
    )
    op.create_index(
        op.f("ix_image_link_due_at"), "image_link", ["due_at"], unique=False, postgresql_where="due_at IS NOT NULL"
    )
    op.create_table(
        "sync_drift",
        sa.Column("run_id", sa.Uuid(), nullable=False),
        sa.Column("external_id", sa.String(length=128), nullable=False),
        sa.Column("kind", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["sync_run.id"], name=op.f("fk_sync_drift_run_id")),
        sa.PrimaryKeyConstraint("run_id", "external_id", name=op.f("pk_sync_drift")),
    )
    op.create_table(
        "sync_reject",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("source_id", sa.Uuid(), nullable=False),
        sa.Column("run_id", sa.Uuid(), nullable=True),
        sa.Column("line_no", sa.Integer(), nullable=True),
        sa.Column("external_id", sa.String(length=128), nullable=True),
        sa.Column("field", sa.String(length=100), nullable=True),
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("detail", sa.String(length=500), nullable=False),
        sa.Column("raw", sa.String(length=2000), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["sync_run.id"], name=op.f("fk_sync_reject_run_id")),
        sa.ForeignKeyConstraint(["source_id"], ["source.id"], name=op.f("fk_sync_reject_source_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sync_reject")),
    )
    op.create_index(op.f("ix_sync_reject_run_id_id"), "sync_reject", ["run_id", "id"], unique=False)
    op.create_index(op.f("ix_sync_reject_source_id_id"), "sync_reject", ["source_id", "id"], unique=False)
    op.add_column("source", sa.Column("format", sa.String(length=64), server_default="native", nullable=False))
    op.add_column(
        "source", sa.Column("mapping", postgresql.JSONB(astext_type=sa.Text()), server_default="{}", nullable=False)
    )
    op.add_column("source", sa.Column("secrets", postgresql.ARRAY(sa.Text()), server_default="{}", nullable=False))
    op.add_column("source", sa.Column("guard_bp", sa.Integer(), server_default="500", nullable=False))
    op.add_column("source", sa.Column("snapshot_version", sa.BigInteger(), server_default="0", nullable=False))
    op.create_check_constraint(op.f("ck_source_guard_bp"), "source", "guard_bp BETWEEN 0 AND 10000")
