"""Forwards by month: a key for all of them, and what a guide says of a version on a day once."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from migrations.guards import load_guards

revision = "0130"
down_revision = "0120"
branch_labels = None
depends_on = None

AT = sa.DateTime(timezone=True)
POINTING_HERE = ("forward_confirmation", "touch")
BEFORE = "CREATE TEMPORARY TABLE forward_before ON COMMIT DROP AS TABLE forward"
PARTITIONS = """
CREATE TABLE forward_default PARTITION OF forward DEFAULT;
CREATE TABLE forward_text_default PARTITION OF forward_text DEFAULT
"""
# The months of what is there, and the next ones.
MONTHS = """
SELECT add_month(whole, month::date)
FROM unnest(ARRAY['forward', 'forward_text']) AS whole,
     generate_series(
       date_trunc('month', least(now(), (SELECT min(created_at) FROM forward_before)) AT TIME ZONE 'UTC'),
       date_trunc('month', now() AT TIME ZONE 'UTC') + interval '3 months',
       interval '1 month'
     ) AS month
"""
DIGEST = "hashtextextended(text || shown::text, 0)"
DAY = "(created_at AT TIME ZONE 'UTC')::date"
FILL = f"""
INSERT INTO forward_key (id, token, created_at) SELECT id, token, created_at FROM forward_before;
INSERT INTO forward_text (day, guide_id, content_version_id, digest, texts, shown)
SELECT {DAY}, guide_id, content_version_id, {DIGEST}, jsonb_build_object('default', text), shown
FROM forward_before ON CONFLICT DO NOTHING;
INSERT INTO forward (id, content_id, content_version_id, guide_id, store_id, channel, target, text_digest, created_at,
                     captured_at)
SELECT id, content_id, content_version_id, guide_id, store_id, channel, target, {DIGEST}, created_at, captured_at
FROM forward_before
"""  # noqa: S608 - built from constants


def upgrade() -> None:
    op.execute(BEFORE)
    for table in POINTING_HERE:
        op.drop_constraint(f"fk_{table}_forward_id", table)
    op.drop_table("forward")
    op.execute("DROP FUNCTION IF EXISTS add_touch_month(date)")
    load_guards("shared")
    _forward_key()
    _forward_text()
    _forward()
    op.execute(PARTITIONS)
    load_guards("forward", "list_change")
    op.execute(MONTHS)
    op.execute(FILL)
    for table in POINTING_HERE:
        op.create_foreign_key(f"fk_{table}_forward_id", table, "forward_key", ["forward_id"], ["id"])


def _forward_key() -> None:
    op.create_table(
        "forward_key",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuid7()"), nullable=False),
        sa.Column("token", sa.String(32), nullable=False),
        sa.Column("created_at", AT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_forward_key")),
        sa.UniqueConstraint("token", name=op.f("uq_forward_key_token")),
    )


def _forward_text() -> None:
    op.create_table(
        "forward_text",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("guide_id", sa.Uuid(), nullable=False),
        sa.Column("content_version_id", sa.Uuid(), nullable=False),
        sa.Column("digest", sa.BigInteger(), nullable=False),
        sa.Column("texts", JSONB(), nullable=False),
        sa.Column("shown", JSONB(), nullable=False),
        sa.PrimaryKeyConstraint("day", "guide_id", "content_version_id", "digest", name=op.f("pk_forward_text")),
        postgresql_partition_by="RANGE (day)",
    )


def _forward() -> None:
    # What has a fixed width first: nothing is lost to alignment.
    op.create_table(
        "forward",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("content_id", sa.Uuid(), nullable=False),
        sa.Column("content_version_id", sa.Uuid(), nullable=False),
        sa.Column("guide_id", sa.Uuid(), nullable=False),
        sa.Column("store_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", AT, nullable=False),
        sa.Column("captured_at", AT),
        sa.Column("text_digest", sa.BigInteger(), nullable=False),
        sa.Column("channel", sa.String(64), nullable=False),
        sa.Column("target", JSONB(), nullable=False),
        sa.CheckConstraint(
            "channel IN ('wecom_chat', 'wecom_moments', 'wecom_group', 'wechat', 'link', 'poster')",
            name=op.f("ck_forward_channel"),
        ),
        sa.ForeignKeyConstraint(["id"], ["forward_key.id"], name=op.f("fk_forward_id")),
        sa.ForeignKeyConstraint(["content_id"], ["content.id"], name=op.f("fk_forward_content_id")),
        sa.ForeignKeyConstraint(
            ["content_version_id"], ["content_version.id"], name=op.f("fk_forward_content_version_id")
        ),
        sa.ForeignKeyConstraint(["guide_id"], ["staff.id"], name=op.f("fk_forward_guide_id")),
        sa.ForeignKeyConstraint(["store_id"], ["store.id"], name=op.f("fk_forward_store_id")),
        sa.PrimaryKeyConstraint("id", "created_at", name=op.f("pk_forward")),
        postgresql_partition_by="RANGE (created_at)",
    )
    for columns in (
        ["content_id", "created_at"],
        ["created_at"],
        ["guide_id", "created_at"],
        ["store_id", "created_at"],
    ):
        op.create_index(op.f("_".join(["ix_forward", *columns])), "forward", columns)
