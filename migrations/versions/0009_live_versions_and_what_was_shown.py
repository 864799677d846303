"""Which version of a content is live, who may see it, and what a forward showed."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

# A draft of a published content may still be edited; what anyone published may not.
FREEZE_PUBLISHED = """
CREATE OR REPLACE FUNCTION refuse_published_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.published_at IS NOT NULL THEN
    RAISE EXCEPTION 'a published content version never changes' USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
END $$
"""
FREEZE_PRODUCTS = """
CREATE FUNCTION refuse_published_products() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (
    SELECT FROM content_version
    WHERE id = coalesce(OLD.content_version_id, NEW.content_version_id) AND published_at IS NOT NULL
  ) THEN
    RAISE EXCEPTION 'a published content version never changes' USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE TRIGGER frozen BEFORE INSERT OR UPDATE OR DELETE ON content_product
  FOR EACH ROW EXECUTE FUNCTION refuse_published_products()
"""


def upgrade() -> None:
    _content()
    _versions()
    op.add_column("forward", sa.Column("shown", postgresql.JSONB(), server_default="{}", nullable=False))
    op.alter_column("forward", "shown", server_default=None)
    op.add_column("touch", sa.Column("dwell_ms", sa.Integer()))
    op.add_column("touch", sa.Column("product_id", sa.Uuid()))
    op.create_foreign_key(op.f("fk_touch_product_id"), "touch", "product", ["product_id"], ["id"])
    op.create_index(op.f("ix_product_image_storage_key"), "product_image", ["storage_key"])


def _content() -> None:
    for column in ("tags", "audience_roles", "audience_store_tags"):
        op.add_column("content", sa.Column(column, postgresql.ARRAY(sa.Text()), server_default="{}", nullable=False))
    op.add_column("content", sa.Column("live_number", sa.Integer()))
    op.add_column("content", sa.Column("withdrawn_at", sa.DateTime(timezone=True)))
    op.add_column("content", sa.Column("withdrawn_reason", sa.String(length=200)))
    op.execute(
        "UPDATE content SET live_number = (SELECT max(number) FROM content_version WHERE content_id = content.id) "
        "WHERE state IN ('published', 'withdrawn')"
    )
    op.create_check_constraint(
        op.f("ck_content_live"), "content", "state NOT IN ('published', 'withdrawn') OR live_number IS NOT NULL"
    )
    op.create_check_constraint(
        op.f("ck_content_validity"), "content", "valid_until IS NULL OR valid_until > valid_from"
    )


def _versions() -> None:
    op.add_column("content_version", sa.Column("created_by", sa.Uuid()))
    op.add_column("content_version", sa.Column("published_by", sa.Uuid()))
    op.add_column("content_version", sa.Column("published_at", sa.DateTime(timezone=True)))
    op.execute(FREEZE_PUBLISHED)
    op.execute("UPDATE content_version SET created_by = content.created_by FROM content WHERE content.id = content_id")
    op.alter_column("content_version", "created_by", nullable=False)
    for column in ("created_by", "published_by"):
        op.create_foreign_key(op.f(f"fk_content_version_{column}"), "content_version", "staff", [column], ["id"])
    op.create_check_constraint(op.f("ck_content_version_four_eyes"), "content_version", "published_by <> created_by")
    op.create_check_constraint(
        op.f("ck_content_version_published"), "content_version", "(published_at IS NULL) = (published_by IS NULL)"
    )
    op.execute(FREEZE_PRODUCTS)
