"""What guides did for customers, and when they want to see to them next."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

AT = sa.DateTime(timezone=True)
CHANNELS = "channel IN ('wecom', 'wechat', 'phone', 'sms', 'email', 'store', 'other')"
OUTCOMES = """outcome IN ('reached', 'no_answer', 'interested', 'not_interested', 'appointment', 'bought', 'complained',
                          'wrong_contact')"""


def upgrade() -> None:
    op.create_table(
        "follow_up",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuid7()"), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("guide_id", sa.Uuid(), nullable=False),
        sa.Column("store_id", sa.Uuid(), nullable=False),
        sa.Column("at", AT, nullable=False),
        sa.Column("channel", sa.String(length=64), nullable=False),
        sa.Column("outcome", sa.String(length=64), nullable=False),
        sa.Column("sealed_note", sa.LargeBinary(), nullable=True),
        sa.Column("next_on", sa.Date(), nullable=True),
        sa.Column("corrects_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", AT, server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(CHANNELS, name=op.f("ck_follow_up_channel")),
        sa.CheckConstraint(OUTCOMES, name=op.f("ck_follow_up_outcome")),
        sa.CheckConstraint("corrects_id <> id", name=op.f("ck_follow_up_corrects_another")),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("fk_follow_up_customer_id")),
        sa.ForeignKeyConstraint(["guide_id"], ["staff.id"], name=op.f("fk_follow_up_guide_id")),
        sa.ForeignKeyConstraint(["store_id"], ["store.id"], name=op.f("fk_follow_up_store_id")),
        sa.ForeignKeyConstraint(["corrects_id"], ["follow_up.id"], name=op.f("fk_follow_up_corrects_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_follow_up")),
        sa.UniqueConstraint("corrects_id", name=op.f("uq_follow_up_corrects_id")),
    )
    for column in ("customer_id", "guide_id", "store_id"):
        op.create_index(f"ix_follow_up_{column}_at", "follow_up", [column, "at"])
    op.create_index("ix_follow_up_next_on", "follow_up", ["next_on"], postgresql_where=sa.text("next_on IS NOT NULL"))
    # What was written stays; only a note goes away with the person it is about, or is sealed anew.
    kept = "id, customer_id, guide_id, store_id, at, channel, outcome, next_on, corrects_id, created_at"
    op.execute(
        f"CREATE TRIGGER append_only BEFORE DELETE OR TRUNCATE OR UPDATE OF {kept} ON follow_up "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    )
