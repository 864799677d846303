"""Plan versions as documents of the plan language, and who has acknowledged them."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from migrations.guards import load_guards

revision = "0120"
down_revision = "0111"
branch_labels = None
depends_on = None

# What was written as flat rules, in the language.
FILL_DOCUMENT = """
  UPDATE plan_version SET document = (
  SELECT jsonb_build_object('rules', jsonb_agg(jsonb_build_object(
    'kind', 'line', 'name', r.number::text, 'match', jsonb_strip_nulls(jsonb_build_object(
      'brands', CASE WHEN r.rule ->> 'brand' IS NOT NULL THEN jsonb_build_array(r.rule -> 'brand') END,
      'categories', CASE WHEN r.rule ->> 'category' IS NOT NULL THEN jsonb_build_array(r.rule -> 'category') END,
      'skus', CASE WHEN r.rule ->> 'sku' IS NOT NULL THEN jsonb_build_array(r.rule -> 'sku') END,
      'channels', CASE WHEN r.rule ->> 'channel' IS NOT NULL THEN jsonb_build_array(r.rule -> 'channel') END
    )), 'pays', jsonb_build_object('kind', 'percentage', 'rate_bp', r.rule -> 'rate_bp')) ORDER BY r.number))
  FROM jsonb_array_elements(plan_version.rules) WITH ORDINALITY AS r (rule, number))
"""


def upgrade() -> None:
    op.add_column("plan_version", sa.Column("document", JSONB()))
    op.execute("ALTER TABLE plan_version DISABLE TRIGGER frozen")
    op.execute(FILL_DOCUMENT)
    op.execute("ALTER TABLE plan_version ENABLE TRIGGER frozen")
    op.alter_column("plan_version", "document", nullable=False)
    op.create_check_constraint(
        op.f("ck_plan_version_document"), "plan_version", "jsonb_typeof(document -> 'rules') = 'array'"
    )
    op.create_table(
        "plan_acknowledgement",
        sa.Column("version_id", sa.Uuid(), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("acknowledged_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["version_id"], ["plan_version.id"], name=op.f("fk_plan_acknowledgement_version_id")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_plan_acknowledgement_staff_id")),
        sa.PrimaryKeyConstraint("version_id", "staff_id", name=op.f("pk_plan_acknowledgement")),
    )
    op.create_index(op.f("ix_plan_acknowledgement_staff_id"), "plan_acknowledgement", ["staff_id"])
    load_guards("plan_acknowledgement")
