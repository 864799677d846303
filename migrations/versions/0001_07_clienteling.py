"""What guides did for customers, what customers' orders come to, and saved segments."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "clienteling"
down_revision = "content"
branch_labels = None
depends_on = None

AT = sa.DateTime(timezone=True)
UUID7 = sa.text("uuid7()")
NOW = sa.text("now()")


def upgrade() -> None:
    _figures_debt()
    _figures_state()
    _customer_figures()
    _follow_up()
    _life_cycle()
    _segment()


def _figures_debt() -> None:
    op.create_table(
        "figures_debt",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_figures_debt")),
    )


def _figures_state() -> None:
    op.create_table(
        "figures_state",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("limits", JSONB(), nullable=False),
        sa.Column("changed_until", AT, nullable=False),
        sa.Column("computed_at", AT, nullable=False),
        sa.CheckConstraint("id = 'customers'", name=op.f("ck_figures_state_one")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_figures_state")),
    )


def _customer_figures() -> None:
    op.create_table(
        "customer_figures",
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("orders", sa.Integer(), nullable=False),
        sa.Column("net_fen", sa.BigInteger(), nullable=False),
        sa.Column("first_order_on", sa.Date(), nullable=False),
        sa.Column("last_order_on", sa.Date(), nullable=False),
        sa.Column("recency", sa.SmallInteger()),
        sa.Column("frequency", sa.SmallInteger()),
        sa.Column("monetary", sa.SmallInteger()),
        sa.Column("stage", sa.String(64), nullable=False),
        sa.CheckConstraint(
            "stage IN ('new', 'active', 'at_risk', 'lapsed', 'lost')", name=op.f("ck_customer_figures_stage")
        ),
        sa.CheckConstraint(
            "(orders > 0) = (num_nonnulls(recency, frequency, monetary) = 3)", name=op.f("ck_customer_figures_scores")
        ),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("fk_customer_figures_customer_id")),
        sa.PrimaryKeyConstraint("customer_id", "currency", name=op.f("pk_customer_figures")),
    )


def _follow_up() -> None:
    op.create_table(
        "follow_up",
        sa.Column("id", sa.Uuid(), server_default=UUID7, nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("guide_id", sa.Uuid(), nullable=False),
        sa.Column("store_id", sa.Uuid(), nullable=False),
        sa.Column("at", AT, nullable=False),
        sa.Column("channel", sa.String(64), nullable=False),
        sa.Column("outcome", sa.String(64), nullable=False),
        sa.Column("sealed_note", sa.LargeBinary()),
        sa.Column("next_on", sa.Date()),
        sa.Column("corrects_id", sa.Uuid()),
        sa.Column("created_at", AT, server_default=NOW, nullable=False),
        sa.CheckConstraint(
            "channel IN ('wecom', 'wechat', 'call', 'sms', 'email', 'store', 'other')",
            name=op.f("ck_follow_up_channel"),
        ),
        sa.CheckConstraint(
            "outcome IN ('reached', 'no_answer', 'interested', 'not_interested', 'appointment', 'bought', 'complained', 'wrong_contact')",
            name=op.f("ck_follow_up_outcome"),
        ),
        sa.CheckConstraint("corrects_id <> id", name=op.f("ck_follow_up_corrects_another")),
        sa.ForeignKeyConstraint(["corrects_id"], ["follow_up.id"], name=op.f("fk_follow_up_corrects_id")),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("fk_follow_up_customer_id")),
        sa.ForeignKeyConstraint(["guide_id"], ["staff.id"], name=op.f("fk_follow_up_guide_id")),
        sa.ForeignKeyConstraint(["store_id"], ["store.id"], name=op.f("fk_follow_up_store_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_follow_up")),
        sa.UniqueConstraint("corrects_id", name=op.f("uq_follow_up_corrects_id")),
    )
    op.create_index(op.f("ix_follow_up_customer_id_at"), "follow_up", ["customer_id", "at"])
    op.create_index(op.f("ix_follow_up_guide_id_at"), "follow_up", ["guide_id", "at"])
    op.create_index("ix_follow_up_next_on", "follow_up", ["next_on"], postgresql_where="next_on IS NOT NULL")
    op.create_index(op.f("ix_follow_up_store_id_at"), "follow_up", ["store_id", "at"])


def _life_cycle() -> None:
    op.create_table(
        "life_cycle",
        sa.Column("id", sa.Uuid(), server_default=UUID7, nullable=False),
        sa.Column("window_days", sa.Integer(), nullable=False),
        sa.Column("new_days", sa.Integer(), nullable=False),
        sa.Column("active_days", sa.Integer(), nullable=False),
        sa.Column("at_risk_days", sa.Integer(), nullable=False),
        sa.Column("lapsed_days", sa.Integer(), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.Column("created_at", AT, nullable=False),
        sa.CheckConstraint(
            "0 < active_days AND active_days < at_risk_days AND at_risk_days < lapsed_days",
            name=op.f("ck_life_cycle_order"),
        ),
        sa.CheckConstraint("window_days > 0 AND new_days > 0", name=op.f("ck_life_cycle_positive")),
        sa.ForeignKeyConstraint(["created_by"], ["staff.id"], name=op.f("fk_life_cycle_created_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_life_cycle")),
    )


def _segment() -> None:
    op.create_table(
        "segment",
        sa.Column("id", sa.Uuid(), server_default=UUID7, nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("filter", JSONB(), nullable=False),
        sa.Column("shared", sa.Boolean(), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.Column("created_at", AT, nullable=False),
        sa.Column("updated_at", AT, nullable=False),
        sa.Column("archived_at", AT),
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        sa.ForeignKeyConstraint(["created_by"], ["staff.id"], name=op.f("fk_segment_created_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_segment")),
    )
    op.create_index(op.f("ix_segment_created_by"), "segment", ["created_by"])
