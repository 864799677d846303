"""Plans with versions and audiences, their occasions, and tasks with a history, by month."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from migrations.guards import load_guards

revision = "0170"
down_revision = "0164"
branch_labels = None
depends_on = None

UUID7 = sa.text("uuid7()")
NOW = sa.text("now()")
AT = sa.DateTime(timezone=True)
STATES = (
    "'open', 'in_progress', 'submitted', 'returned', 'approved', 'done', 'blocked', 'expired', 'skipped', 'cancelled'"
)
PARTITIONED = ("task_occurrence", "assignment", "assignment_event")
PARTITIONS = "".join(f"CREATE TABLE {whole}_default PARTITION OF {whole} DEFAULT;" for whole in PARTITIONED)
MONTHS = """
SELECT add_month(whole, month::date)
FROM unnest(ARRAY['task_occurrence', 'assignment', 'assignment_event']) WITH ORDINALITY AS named (whole, n),
     generate_series(date_trunc('month', now() AT TIME ZONE 'UTC'),
                     date_trunc('month', now() AT TIME ZONE 'UTC') + interval '3 months', interval '1 month') AS month
ORDER BY n, month
"""


def upgrade() -> None:
    for table in ("submission", "assignment", "task_plan"):
        op.drop_table(table)
    _task_plan()
    _task_plan_version()
    _task_plan_store()
    _task_occurrence()
    _assignment()
    _assignment_event()
    _submission()
    op.execute(PARTITIONS)
    load_guards("task_plan", "assignment", "submission", "list_change", "audit_entry")
    op.execute(MONTHS)


def _task_plan() -> None:
    op.create_table(
        "task_plan",
        sa.Column("id", sa.Uuid(), server_default=UUID7, nullable=False),
        sa.Column("kind", sa.String(64), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("owner_store_id", sa.Uuid()),
        sa.Column("owner_region_id", sa.Uuid()),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.Column("created_at", AT, server_default=NOW, nullable=False),
        sa.Column("published_at", AT),
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        sa.CheckConstraint("kind IN ('forward', 'custom')", name=op.f("ck_task_plan_kind")),
        sa.CheckConstraint("state IN ('draft', 'published', 'paused', 'ended')", name=op.f("ck_task_plan_state")),
        sa.CheckConstraint("owner_store_id IS NULL OR owner_region_id IS NULL", name=op.f("ck_task_plan_owner")),
        sa.CheckConstraint(
            "state NOT IN ('published', 'paused') OR published_at IS NOT NULL", name=op.f("ck_task_plan_published")
        ),
        sa.ForeignKeyConstraint(["owner_store_id"], ["store.id"], name=op.f("fk_task_plan_owner_store_id")),
        sa.ForeignKeyConstraint(["owner_region_id"], ["region.id"], name=op.f("fk_task_plan_owner_region_id")),
        sa.ForeignKeyConstraint(["created_by"], ["staff.id"], name=op.f("fk_task_plan_created_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_task_plan")),
    )
    op.create_index(op.f("ix_task_plan_created_at_id"), "task_plan", ["created_at", "id"])
    op.create_index(
        op.f("ix_task_plan_published"), "task_plan", ["id"], postgresql_where=sa.text("state = 'published'")
    )


def _task_plan_version() -> None:
    op.create_table(
        "task_plan_version",
        sa.Column("id", sa.Uuid(), server_default=UUID7, nullable=False),
        sa.Column("plan_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("instructions", sa.String(4000), nullable=False),
        sa.Column("content_id", sa.Uuid()),
        sa.Column("target_count", sa.Integer(), nullable=False),
        sa.Column("region_ids", ARRAY(sa.Uuid()), server_default="{}", nullable=False),
        sa.Column("store_ids", ARRAY(sa.Uuid()), server_default="{}", nullable=False),
        sa.Column("store_tags", ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.Column("roles", ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.Column("share", sa.String(16), nullable=False),
        sa.Column("share_count", sa.Integer()),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date()),
        sa.Column("rrule", sa.String(500)),
        sa.Column("except_days", ARRAY(sa.Date()), server_default="{}", nullable=False),
        sa.Column("holidays", sa.String(16), nullable=False),
        sa.Column("slots", JSONB(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("review", sa.Boolean(), nullable=False),
        sa.Column("late", sa.String(16), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.Column("created_at", AT, nullable=False),
        *_checks_of_versions(),
        sa.ForeignKeyConstraint(["plan_id"], ["task_plan.id"], name=op.f("fk_task_plan_version_plan_id")),
        sa.ForeignKeyConstraint(["content_id"], ["content.id"], name=op.f("fk_task_plan_version_content_id")),
        sa.ForeignKeyConstraint(["created_by"], ["staff.id"], name=op.f("fk_task_plan_version_created_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_task_plan_version")),
        sa.UniqueConstraint("plan_id", "number", name=op.f("uq_task_plan_version_plan_id_number")),
    )


def _checks_of_versions() -> list[sa.CheckConstraint]:
    checks = {
        "target": "target_count > 0",
        "share": "share IN ('each', 'one', 'some')",
        "share_count": "(share = 'some') = (share_count IS NOT NULL) AND share_count > 0",
        "holidays": "holidays IN ('keep', 'skip', 'shift_before', 'shift_after')",
        "late": "late IN ('stay_overdue', 'close_at_due', 'until_next')",
        "minutes": "minutes BETWEEN 0 AND 1440",
        "roles": "roles <> '{}' AND roles <@ ARRAY['guide', 'store_manager']::text[]",
    }
    return [sa.CheckConstraint(said, name=op.f(f"ck_task_plan_version_{name}")) for name, said in checks.items()]


def _task_plan_store() -> None:
    op.create_table(
        "task_plan_store",
        sa.Column("plan_id", sa.Uuid(), nullable=False),
        sa.Column("store_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", AT, nullable=False),
        sa.ForeignKeyConstraint(["plan_id"], ["task_plan.id"], name=op.f("fk_task_plan_store_plan_id")),
        sa.ForeignKeyConstraint(["store_id"], ["store.id"], name=op.f("fk_task_plan_store_store_id")),
        sa.PrimaryKeyConstraint("plan_id", "store_id", name=op.f("pk_task_plan_store")),
    )
    op.create_index(
        op.f("ix_task_plan_store_store_id_created_at_plan_id"), "task_plan_store", ["store_id", "created_at", "plan_id"]
    )


def _task_occurrence() -> None:
    op.create_table(
        "task_occurrence",
        sa.Column("id", sa.Uuid(), server_default=UUID7, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("plan_id", sa.Uuid(), nullable=False),
        sa.Column("version_id", sa.Uuid(), nullable=False),
        sa.Column("store_id", sa.Uuid(), nullable=False),
        sa.Column("slot", sa.SmallInteger(), nullable=False),
        sa.Column("opens_at", AT, nullable=False),
        sa.Column("due_at", AT, nullable=False),
        sa.CheckConstraint("opens_at < due_at", name=op.f("ck_task_occurrence_window")),
        sa.ForeignKeyConstraint(["plan_id"], ["task_plan.id"], name=op.f("fk_task_occurrence_plan_id")),
        sa.ForeignKeyConstraint(["version_id"], ["task_plan_version.id"], name=op.f("fk_task_occurrence_version_id")),
        sa.ForeignKeyConstraint(["store_id"], ["store.id"], name=op.f("fk_task_occurrence_store_id")),
        sa.PrimaryKeyConstraint("id", "day", name=op.f("pk_task_occurrence")),
        sa.UniqueConstraint(
            "plan_id", "store_id", "day", "slot", name=op.f("uq_task_occurrence_plan_id_store_id_day_slot")
        ),
        postgresql_partition_by="RANGE (day)",
    )
    op.create_index(op.f("ix_task_occurrence_store_id_day"), "task_occurrence", ["store_id", "day"])


def _assignment() -> None:
    op.create_table(
        "assignment",
        sa.Column("id", sa.Uuid(), server_default=UUID7, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("occurrence_id", sa.Uuid(), nullable=False),
        sa.Column("version_id", sa.Uuid(), nullable=False),
        sa.Column("store_id", sa.Uuid(), nullable=False),
        sa.Column("guide_id", sa.Uuid()),
        sa.Column("opens_at", AT, nullable=False),
        sa.Column("due_at", AT, nullable=False),
        sa.Column("lease_until", AT),
        sa.Column("started_at", AT),
        sa.Column("changed_at", AT, server_default=NOW, nullable=False),
        sa.Column("target", sa.Integer(), nullable=False),
        sa.Column("done", sa.Integer(), server_default="0", nullable=False),
        sa.Column("seat", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("reason", sa.String(500)),
        sa.CheckConstraint(f"state IN ({STATES})", name=op.f("ck_assignment_state")),
        sa.CheckConstraint("target > 0 AND done >= 0", name=op.f("ck_assignment_counts")),
        sa.CheckConstraint("seat > 0 OR guide_id IS NOT NULL", name=op.f("ck_assignment_seat")),
        sa.CheckConstraint(
            "guide_id IS NOT NULL OR state IN ('open', 'skipped', 'cancelled')", name=op.f("ck_assignment_unclaimed")
        ),
        sa.ForeignKeyConstraint(["version_id"], ["task_plan_version.id"], name=op.f("fk_assignment_version_id")),
        sa.ForeignKeyConstraint(["store_id"], ["store.id"], name=op.f("fk_assignment_store_id")),
        sa.ForeignKeyConstraint(["guide_id"], ["staff.id"], name=op.f("fk_assignment_guide_id")),
        sa.PrimaryKeyConstraint("id", "day", name=op.f("pk_assignment")),
        sa.UniqueConstraint("occurrence_id", "guide_id", "day", name=op.f("uq_assignment_occurrence_id_guide_id_day")),
        postgresql_partition_by="RANGE (day)",
    )
    seats = {"unique": True, "postgresql_where": sa.text("seat > 0")}
    op.create_index(op.f("uq_assignment_seat"), "assignment", ["occurrence_id", "seat", "day"], **seats)
    for columns in (["guide_id", "day"], ["store_id", "day"], ["changed_at"]):
        op.create_index(op.f("_".join(["ix_assignment", *columns])), "assignment", columns)


def _assignment_event() -> None:
    op.create_table(
        "assignment_event",
        sa.Column("id", sa.Uuid(), server_default=UUID7, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("assignment_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("command", sa.String(16), nullable=False),
        sa.Column("before", sa.String(16), nullable=False),
        sa.Column("after", sa.String(16), nullable=False),
        sa.Column("by_id", sa.Uuid()),
        sa.Column("guide_id", sa.Uuid()),
        sa.Column("reason", sa.String(500)),
        sa.Column("at", AT, nullable=False),
        sa.Column("captured_at", AT),
        sa.ForeignKeyConstraint(["by_id"], ["staff.id"], name=op.f("fk_assignment_event_by_id")),
        sa.ForeignKeyConstraint(["guide_id"], ["staff.id"], name=op.f("fk_assignment_event_guide_id")),
        sa.PrimaryKeyConstraint("id", "day", name=op.f("pk_assignment_event")),
        postgresql_partition_by="RANGE (day)",
    )
    op.create_index(op.f("ix_assignment_event_assignment_id_number"), "assignment_event", ["assignment_id", "number"])
    op.create_index(
        op.f("ix_assignment_event_reassigned"),
        "assignment_event",
        ["day"],
        postgresql_where=sa.text("command = 'reassign'"),
    )


def _submission() -> None:
    op.create_table(
        "submission",
        sa.Column("id", sa.Uuid(), server_default=UUID7, nullable=False),
        sa.Column("assignment_id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("guide_id", sa.Uuid(), nullable=False),
        sa.Column("note", sa.String(2000), nullable=False),
        sa.Column("created_at", AT, nullable=False),
        sa.ForeignKeyConstraint(["guide_id"], ["staff.id"], name=op.f("fk_submission_guide_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_submission")),
    )
    op.create_index(op.f("ix_submission_assignment_id"), "submission", ["assignment_id"])
    op.create_index(op.f("ix_submission_created_at"), "submission", ["created_at"])
