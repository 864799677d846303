"""Figures by day, store and guide."""

import sqlalchemy as sa
from alembic import op

revision = "performance"
down_revision = "tasks"
branch_labels = None
depends_on = None

AT = sa.DateTime(timezone=True)


def upgrade() -> None:
    _closed_day()
    _order_move()
    _guide_day()


def _closed_day() -> None:
    op.create_table(
        "closed_day",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("computed_at", AT),
        sa.Column("changed_at", AT),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_closed_day")),
    )
    op.create_index(op.f("ix_closed_day_changed_at"), "closed_day", ["changed_at"])


def _order_move() -> None:
    op.create_table(
        "order_move",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("moved_at", AT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_move")),
    )
    op.create_index(op.f("ix_order_move_moved_at"), "order_move", ["moved_at"])


def _guide_day() -> None:
    op.create_table(
        "guide_day",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("store_id", sa.Uuid(), nullable=False),
        sa.Column("guide_id", sa.Uuid()),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("orders", sa.Integer(), nullable=False),
        sa.Column("units", sa.Integer(), nullable=False),
        sa.Column("net_fen", sa.BigInteger(), nullable=False),
        sa.Column("customers", sa.Integer(), nullable=False),
        sa.Column("forwards", sa.Integer(), nullable=False),
        sa.Column("opens", sa.Integer(), nullable=False),
        sa.Column("tasks_due", sa.Integer(), nullable=False),
        sa.Column("tasks_done", sa.Integer(), nullable=False),
        sa.Column("commission_fen", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["guide_id"], ["staff.id"], name=op.f("fk_guide_day_guide_id")),
        sa.ForeignKeyConstraint(["store_id"], ["store.id"], name=op.f("fk_guide_day_store_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_guide_day")),
        sa.UniqueConstraint(
            "day",
            "store_id",
            "guide_id",
            "currency",
            name=op.f("uq_guide_day_day_store_id_guide_id_currency"),
            postgresql_nulls_not_distinct=True,
        ),
    )
    op.create_index(op.f("ix_guide_day_guide_id_day"), "guide_day", ["guide_id", "day"])
