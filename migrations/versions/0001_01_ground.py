"""What the ground keeps, and the functions that columns and indexes of all rooms use."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from kit.codes import SQL_FUNCTION
from migrations.guards import load_guards

revision = "ground"
down_revision = None
branch_labels = None
depends_on = None

AT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
    load_guards("functions")
    op.execute(SQL_FUNCTION)
    _dead_letter()
    _idempotency_key()
    _list_change()


def _dead_letter() -> None:
    op.create_table(
        "dead_letter",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("job", sa.String(100), nullable=False),
        sa.Column("arguments", JSONB(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("error", sa.String(300), nullable=False),
        sa.Column("first_failed_at", AT, nullable=False),
        sa.Column("last_failed_at", AT, nullable=False),
        sa.Column("retried_at", AT),
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


def _idempotency_key() -> None:
    op.create_table(
        "idempotency_key",
        sa.Column("principal_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.String(200), nullable=False),
        sa.Column("target_hash", sa.String(64), nullable=False),
        sa.Column("body_hash", sa.String(64), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("headers", JSONB(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", AT, nullable=False),
        sa.PrimaryKeyConstraint("principal_id", "key", name=op.f("pk_idempotency_key")),
    )
    op.create_index(op.f("ix_idempotency_key_created_at"), "idempotency_key", ["created_at"])


def _list_change() -> None:
    op.create_table(
        "list_change",
        sa.Column("topic", sa.String(20), nullable=False),
        sa.Column("bucket", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("transaction_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.CheckConstraint("bucket BETWEEN -1 AND 255", name=op.f("ck_list_change_bucket")),
        sa.PrimaryKeyConstraint("topic", "bucket", "transaction_id", name=op.f("pk_list_change")),
    )
