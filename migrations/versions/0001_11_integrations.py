"""Who is told of what happens, and what was sent to them."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

revision = "integrations"
down_revision = "performance"
branch_labels = None
depends_on = None

AT = sa.DateTime(timezone=True)
UUID7 = sa.text("uuid7()")
NOW = sa.text("now()")


def upgrade() -> None:
    _webhook_cursor()
    _webhook_subscription()
    _webhook_delivery()


def _webhook_cursor() -> None:
    op.create_table(
        "webhook_cursor",
        sa.Column("feed", sa.String(64), nullable=False),
        sa.Column("transaction_id", sa.BigInteger(), nullable=False),
        sa.Column("fact_id", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("feed", name=op.f("pk_webhook_cursor")),
    )


def _webhook_subscription() -> None:
    op.create_table(
        "webhook_subscription",
        sa.Column("id", sa.Uuid(), server_default=UUID7, nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("url", sa.String(500), nullable=False),
        sa.Column("kinds", ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("secrets", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", AT, server_default=NOW, nullable=False),
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook_subscription")),
    )


def _webhook_delivery() -> None:
    op.create_table(
        "webhook_delivery",
        sa.Column("id", sa.Uuid(), server_default=UUID7, nullable=False),
        sa.Column("subscription_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(64), nullable=False),
        sa.Column("event_key", sa.String(100), nullable=False),
        sa.Column("payload", JSONB(), nullable=False),
        sa.Column("state", sa.String(64), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("due_at", AT, nullable=False),
        sa.Column("last_status", sa.Integer()),
        sa.Column("last_problem", sa.String(300)),
        sa.Column("occurred_at", AT, nullable=False),
        sa.Column("created_at", AT, server_default=NOW, nullable=False),
        sa.Column("delivered_at", AT),
        sa.CheckConstraint("state IN ('pending', 'delivered', 'dead')", name=op.f("ck_webhook_delivery_state")),
        sa.ForeignKeyConstraint(
            ["subscription_id"],
            ["webhook_subscription.id"],
            name=op.f("fk_webhook_delivery_subscription_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook_delivery")),
        sa.UniqueConstraint("subscription_id", "event_key", name=op.f("uq_webhook_delivery_subscription_id_event_key")),
    )
    op.create_index(
        "ix_webhook_delivery_due",
        "webhook_delivery",
        ["subscription_id", "due_at"],
        postgresql_where="state = 'pending'",
    )
    op.create_index(op.f("ix_webhook_delivery_state_id"), "webhook_delivery", ["state", "id"])
