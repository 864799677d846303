"""What customers' orders add up to, by which limits, and the filters that people save."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

AT = sa.DateTime(timezone=True)
CHANNELS = "channel IN ('wecom', 'wechat', 'call', 'sms', 'email', 'store', 'other')"
# What orders that came in or changed do to figures is found by `changed_at`; this is what it does not tell.
NOTE_DEBTS = """
CREATE FUNCTION note_figures_debt() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_TABLE_NAME = 'customer' THEN
    INSERT INTO figures_debt (customer_id)
    SELECT who FROM unnest(ARRAY[NEW.id, OLD.merged_into_id, NEW.merged_into_id]) AS affected (who)
    WHERE who IS NOT NULL;
  ELSE
    INSERT INTO figures_debt (customer_id) VALUES (OLD.customer_id);
  END IF;
  RETURN NULL;
END $$"""
TRIGGERS = (
    "CREATE TRIGGER figures_debt AFTER UPDATE ON sales_order FOR EACH ROW"
    " WHEN (OLD.customer_id IS DISTINCT FROM NEW.customer_id AND OLD.customer_id IS NOT NULL)"
    " EXECUTE FUNCTION note_figures_debt()",
    "CREATE TRIGGER figures_debt AFTER UPDATE ON customer FOR EACH ROW"
    " WHEN ((OLD.merged_into_id, OLD.erased_at) IS DISTINCT FROM (NEW.merged_into_id, NEW.erased_at))"
    " EXECUTE FUNCTION note_figures_debt()",
)


def upgrade() -> None:
    op.drop_constraint("ck_follow_up_channel", "follow_up")
    op.create_check_constraint(op.f("ck_follow_up_channel"), "follow_up", CHANNELS)
    _figures()
    _segments()
    op.execute(NOTE_DEBTS)
    for trigger in TRIGGERS:
        op.execute(trigger)


def _figures() -> None:
    op.create_table(
        "customer_figures",
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("orders", sa.Integer(), nullable=False),
        sa.Column("net_fen", sa.BigInteger(), nullable=False),
        sa.Column("first_order_on", sa.Date(), nullable=False),
        sa.Column("last_order_on", sa.Date(), nullable=False),
        *(sa.Column(score, sa.SmallInteger(), nullable=True) for score in ("recency", "frequency", "monetary")),
        sa.Column("stage", sa.String(length=64), nullable=False),
        sa.CheckConstraint(
            "stage IN ('new', 'active', 'at_risk', 'lapsed', 'lost')", name=op.f("ck_customer_figures_stage")
        ),
        sa.CheckConstraint(
            "(orders > 0) = (num_nonnulls(recency, frequency, monetary) = 3)", name=op.f("ck_customer_figures_scores")
        ),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("fk_customer_figures_customer_id")),
        sa.PrimaryKeyConstraint("customer_id", "currency", name=op.f("pk_customer_figures")),
    )
    op.create_table(
        "figures_state",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("limits", postgresql.JSONB(), nullable=False),
        sa.Column("changed_until", AT, nullable=False),
        sa.Column("computed_at", AT, nullable=False),
        sa.CheckConstraint("id = 'customers'", name=op.f("ck_figures_state_one")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_figures_state")),
    )
    op.create_table(
        "figures_debt",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_figures_debt")),
    )


def _segments() -> None:
    limits = ("window_days", "new_days", "active_days", "at_risk_days", "lapsed_days")
    op.create_table(
        "life_cycle",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuid7()"), nullable=False),
        *(sa.Column(limit, sa.Integer(), nullable=False) for limit in limits),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.Column("created_at", AT, nullable=False),
        sa.CheckConstraint("window_days > 0 AND new_days > 0", name=op.f("ck_life_cycle_positive")),
        sa.CheckConstraint(
            "0 < active_days AND active_days < at_risk_days AND at_risk_days < lapsed_days",
            name=op.f("ck_life_cycle_order"),
        ),
        sa.ForeignKeyConstraint(["created_by"], ["staff.id"], name=op.f("fk_life_cycle_created_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_life_cycle")),
    )
    op.create_table(
        "segment",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuid7()"), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("filter", postgresql.JSONB(), nullable=False),
        sa.Column("shared", sa.Boolean(), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.Column("created_at", AT, nullable=False),
        sa.Column("updated_at", AT, nullable=False),
        sa.Column("archived_at", AT, nullable=True),
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        sa.ForeignKeyConstraint(["created_by"], ["staff.id"], name=op.f("fk_segment_created_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_segment")),
    )
    op.create_index(op.f("ix_segment_created_by"), "segment", ["created_by"])
    op.execute("CREATE TRIGGER bump BEFORE UPDATE ON segment FOR EACH ROW EXECUTE FUNCTION bump_version()")
    op.execute("SELECT audit_table('segment'), audit_table('life_cycle')")
