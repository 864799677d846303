"""A version may be approved for a later time, and returned before it comes."""

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None

FREEZE_PUBLISHED = """
CREATE OR REPLACE FUNCTION refuse_published_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  -- What waits for its time can only be taken back whole.
  IF OLD.published_at IS NOT NULL
     AND (TG_OP = 'DELETE' OR OLD.published_at <= now() OR NEW.published_at IS NOT NULL) THEN
    RAISE EXCEPTION 'a published content version never changes' USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
END $$
"""


def upgrade() -> None:
    op.add_column("content", sa.Column("next_number", sa.Integer()))
    op.add_column("content", sa.Column("next_at", sa.DateTime(timezone=True)))
    op.create_check_constraint(op.f("ck_content_next"), "content", "(next_number IS NULL) = (next_at IS NULL)")
    op.create_index(op.f("ix_content_version_published_at"), "content_version", ["published_at"])
    op.execute(FREEZE_PUBLISHED)
