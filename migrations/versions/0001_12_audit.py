"""The audit log, by month."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "audit"
down_revision = "integrations"
branch_labels = None
depends_on = None

AT = sa.DateTime(timezone=True)
NOW = sa.text("now()")


def upgrade() -> None:
    _audit_entry()


def _audit_entry() -> None:
    op.create_table(
        "audit_entry",
        sa.Column("created_at", AT, server_default=NOW, nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("principal_id", sa.Uuid()),
        sa.Column("actor_kind", sa.String(100), nullable=False),
        sa.Column("address", sa.String(64)),
        sa.Column("request_id", sa.String(64)),
        sa.Column("table_name", sa.String(64), nullable=False),
        sa.Column("row_id", sa.String(100), nullable=False),
        sa.Column("action", sa.String(64), nullable=False),
        sa.Column("before", JSONB()),
        sa.Column("after", JSONB()),
        sa.Column(
            "transaction_id",
            sa.BigInteger(),
            server_default=sa.text("((pg_current_xact_id())::text)::bigint"),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("created_at", "id", name=op.f("pk_audit_entry")),
        postgresql_partition_by="RANGE (created_at)",
    )
    op.create_index(op.f("ix_audit_entry_principal_id_created_at"), "audit_entry", ["principal_id", "created_at"])
    op.create_index(
        op.f("ix_audit_entry_table_name_row_id_created_at"), "audit_entry", ["table_name", "row_id", "created_at"]
    )
    op.create_index(op.f("ix_audit_entry_transaction_id_id"), "audit_entry", ["transaction_id", "id"])
