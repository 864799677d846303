"""Targets of regions, stores and guides by month, how they came about, and how they are spread and shared."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, ExcludeConstraint

from migrations.guards import load_guards

revision = "0092"
down_revision = "0091"
branch_labels = None
depends_on = None

UUID7 = sa.text("uuid7()")
AT = sa.DateTime(timezone=True)
LEVEL = (
    "CASE level WHEN 'region' THEN region_id IS NOT NULL AND store_id IS NULL AND guide_id IS NULL"
    " WHEN 'store' THEN region_id IS NULL AND store_id IS NOT NULL AND guide_id IS NULL"
    " WHEN 'guide' THEN region_id IS NULL AND store_id IS NOT NULL AND guide_id IS NOT NULL ELSE false END"
)
STATE = (
    "CASE state WHEN 'approved' THEN amount IS NOT NULL AND proposed_amount IS NULL"
    " WHEN 'change_proposed' THEN amount IS NOT NULL AND proposed_amount IS NOT NULL"
    " WHEN 'proposed' THEN amount IS NULL AND proposed_amount IS NOT NULL"
    " WHEN 'returned' THEN amount IS NULL AND proposed_amount IS NOT NULL ELSE false END"
)
WEIGHTS = (
    "least(weekday_bp, weekend_bp, festival_bp, promotion_bp) >= 0"
    " AND greatest(weekday_bp, weekend_bp, festival_bp, promotion_bp) <= 1000000 AND weekday_bp > 0"
)


def upgrade() -> None:
    # A guide has one share a day: uuids in an exclusion constraint.
    op.execute("CREATE EXTENSION IF NOT EXISTS btree_gist")
    _target()
    _target_change()
    _target_division()
    _target_share()
    _day_weights()
    load_guards("target", "target_change", "target_division", "day_weights", "audit_entry")


def _target() -> None:
    op.create_table(
        "target",
        sa.Column("id", sa.Uuid(), server_default=UUID7, nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("metric", sa.String(32), nullable=False),
        sa.Column("level", sa.String(16), nullable=False),
        sa.Column("region_id", sa.Uuid()),
        sa.Column("store_id", sa.Uuid()),
        sa.Column("guide_id", sa.Uuid()),
        sa.Column("currency", sa.String(3)),
        sa.Column("amount", sa.BigInteger()),
        sa.Column("proposed_amount", sa.BigInteger()),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("proposed_by", sa.Uuid()),
        sa.Column("approved_by", sa.Uuid()),
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        sa.CheckConstraint("metric IN ('net_sales', 'orders', 'units')", name=op.f("ck_target_metric")),
        sa.CheckConstraint("extract(day FROM month) = 1", name=op.f("ck_target_month")),
        sa.CheckConstraint(LEVEL, name=op.f("ck_target_level")),
        sa.CheckConstraint("(metric = 'net_sales') = (currency IS NOT NULL)", name=op.f("ck_target_currency")),
        sa.CheckConstraint("amount >= 0 AND proposed_amount >= 0", name=op.f("ck_target_amounts")),
        sa.CheckConstraint(STATE, name=op.f("ck_target_state")),
        sa.ForeignKeyConstraint(["region_id"], ["region.id"], name=op.f("fk_target_region_id")),
        sa.ForeignKeyConstraint(["store_id"], ["store.id"], name=op.f("fk_target_store_id")),
        sa.ForeignKeyConstraint(["guide_id"], ["staff.id"], name=op.f("fk_target_guide_id")),
        sa.ForeignKeyConstraint(["proposed_by"], ["staff.id"], name=op.f("fk_target_proposed_by")),
        sa.ForeignKeyConstraint(["approved_by"], ["staff.id"], name=op.f("fk_target_approved_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_target")),
        sa.UniqueConstraint(
            *("month", "metric", "region_id", "store_id", "guide_id"),
            name="uq_target_subject",
            postgresql_nulls_not_distinct=True,
        ),
    )
    op.create_index(op.f("ix_target_store_id_month"), "target", ["store_id", "month"])
    op.create_index(
        op.f("ix_target_guide_id_month"),
        "target",
        ["guide_id", "month"],
        postgresql_where=sa.text("guide_id IS NOT NULL"),
    )


def _target_change() -> None:
    op.create_table(
        "target_change",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("target_id", sa.Uuid(), nullable=False),
        sa.Column("command", sa.String(16), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.String(500)),
        sa.Column("changed_by", sa.Uuid(), nullable=False),
        sa.Column("changed_at", AT, nullable=False),
        sa.CheckConstraint("command IN ('set', 'propose', 'approve', 'return')", name=op.f("ck_target_change_command")),
        sa.ForeignKeyConstraint(["target_id"], ["target.id"], name=op.f("fk_target_change_target_id")),
        sa.ForeignKeyConstraint(["changed_by"], ["staff.id"], name=op.f("fk_target_change_changed_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_target_change")),
    )
    op.create_index(op.f("ix_target_change_target_id_id"), "target_change", ["target_id", "id"])


def _target_division() -> None:
    op.create_table(
        "target_division",
        sa.Column("id", sa.Uuid(), server_default=UUID7, nullable=False),
        sa.Column("store_id", sa.Uuid(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("joiners_on_top", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("changed_at", AT, nullable=False),
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        sa.CheckConstraint("extract(day FROM month) = 1", name=op.f("ck_target_division_month")),
        sa.ForeignKeyConstraint(["store_id"], ["store.id"], name=op.f("fk_target_division_store_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_target_division")),
        sa.UniqueConstraint("store_id", "month", name=op.f("uq_target_division_store_id_month")),
    )
    op.create_index(op.f("ix_target_division_month"), "target_division", ["month"])


def _target_share() -> None:
    op.create_table(
        "target_share",
        sa.Column("id", sa.Uuid(), server_default=UUID7, nullable=False),
        sa.Column("division_id", sa.Uuid(), nullable=False),
        sa.Column("guide_id", sa.Uuid(), nullable=False),
        sa.Column("share_bp", sa.Integer(), nullable=False),
        sa.Column("fte_bp", sa.Integer(), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.CheckConstraint("first_day <= last_day", name=op.f("ck_target_share_days")),
        sa.CheckConstraint(
            "share_bp BETWEEN 0 AND 100000 AND fte_bp BETWEEN 1 AND 20000", name=op.f("ck_target_share_shares")
        ),
        ExcludeConstraint(
            (sa.column("division_id"), "="),
            (sa.column("guide_id"), "="),
            (sa.text("daterange(first_day, last_day, '[]')"), "&&"),
            name="ex_target_share_once",
            using="gist",
        ),
        sa.ForeignKeyConstraint(["division_id"], ["target_division.id"], name=op.f("fk_target_share_division_id")),
        sa.ForeignKeyConstraint(["guide_id"], ["staff.id"], name=op.f("fk_target_share_guide_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_target_share")),
    )
    op.create_index(op.f("ix_target_share_division_id_guide_id"), "target_share", ["division_id", "guide_id"])


def _day_weights() -> None:
    op.create_table(
        "day_weights",
        sa.Column("id", sa.Uuid(), server_default=UUID7, nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("store_id", sa.Uuid()),
        sa.Column("weekday_bp", sa.Integer(), nullable=False),
        sa.Column("weekend_bp", sa.Integer(), nullable=False),
        sa.Column("festival_bp", sa.Integer(), nullable=False),
        sa.Column("promotion_bp", sa.Integer(), nullable=False),
        sa.Column("promotion_days", ARRAY(sa.Date()), server_default="{}", nullable=False),
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        sa.CheckConstraint("extract(day FROM month) = 1", name=op.f("ck_day_weights_month")),
        sa.CheckConstraint(WEIGHTS, name=op.f("ck_day_weights_weights")),
        sa.ForeignKeyConstraint(["store_id"], ["store.id"], name=op.f("fk_day_weights_store_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_day_weights")),
        sa.UniqueConstraint(
            "month", "store_id", name=op.f("uq_day_weights_month_store_id"), postgresql_nulls_not_distinct=True
        ),
    )
