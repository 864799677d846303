"""Drafts go through review and may be changed until then; pictures of content."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

NOW = sa.text("now()")
FOUR_EYES = "published_by <> created_by AND published_by <> ALL (contributor_ids)"


def upgrade() -> None:
    op.add_column("content", sa.Column("updated_at", sa.DateTime(timezone=True), server_default=NOW, nullable=False))
    op.add_column("content", sa.Column("version", sa.BigInteger(), server_default="1", nullable=False))
    op.execute("CREATE TRIGGER bump BEFORE UPDATE ON content FOR EACH ROW EXECUTE FUNCTION bump_version()")
    for column in ("asset_ids", "contributor_ids"):
        op.add_column(
            "content_version", sa.Column(column, postgresql.ARRAY(sa.Uuid()), server_default="{}", nullable=False)
        )
    op.add_column("content_version", sa.Column("submitted_at", sa.DateTime(timezone=True)))
    op.add_column("content_version", sa.Column("review_comment", sa.String(length=1000)))
    op.drop_constraint("ck_content_version_four_eyes", "content_version")
    op.create_check_constraint(op.f("ck_content_version_four_eyes"), "content_version", FOUR_EYES)
    op.create_index(op.f("ix_content_version_asset_ids"), "content_version", ["asset_ids"], postgresql_using="gin")
    _assets()


def _assets() -> None:
    keys = ("storage_key", "page_key", "thumb_key")
    op.create_table(
        "asset",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuid7()"), primary_key=True),
        sa.Column("sha256", sa.String(length=64), nullable=False, unique=True),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        *(sa.Column(key, sa.String(length=100), nullable=False) for key in keys),
        sa.Column("created_by", sa.Uuid(), sa.ForeignKey("staff.id"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=NOW, nullable=False),
    )
    for key in keys:
        op.create_index(op.f(f"ix_asset_{key}"), "asset", [key])
