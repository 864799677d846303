"""Content, its versions and pictures, who forwarded it and what came of that."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

revision = "content"
down_revision = "orders"
branch_labels = None
depends_on = None

AT = sa.DateTime(timezone=True)
UUID7 = sa.text("uuid7()")
NOW = sa.text("now()")


def upgrade() -> None:
    _asset()
    _content()
    _content_version()
    _content_product()
    _forward()
    _forward_confirmation()
    _touch()


def _asset() -> None:
    op.create_table(
        "asset",
        sa.Column("id", sa.Uuid(), server_default=UUID7, nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("storage_key", sa.String(100), nullable=False),
        sa.Column("page_key", sa.String(100), nullable=False),
        sa.Column("video_key", sa.String(100)),
        sa.Column("video_bytes", sa.BigInteger()),
        sa.Column("duration_ms", sa.Integer()),
        sa.Column("hidden_at", AT),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.Column("created_at", AT, server_default=NOW, nullable=False),
        sa.CheckConstraint(
            "(video_key IS NULL) = (video_bytes IS NULL) AND (video_key IS NULL) = (duration_ms IS NULL)",
            name=op.f("ck_asset_video"),
        ),
        sa.ForeignKeyConstraint(["created_by"], ["staff.id"], name=op.f("fk_asset_created_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_asset")),
        sa.UniqueConstraint("sha256", name=op.f("uq_asset_sha256")),
    )
    op.create_index(op.f("ix_asset_page_key"), "asset", ["page_key"])
    op.create_index(op.f("ix_asset_storage_key"), "asset", ["storage_key"])
    op.create_index(op.f("ix_asset_video_key"), "asset", ["video_key"])


def _content() -> None:
    op.create_table(
        "content",
        sa.Column("id", sa.Uuid(), server_default=UUID7, nullable=False),
        sa.Column("kind", sa.String(64), nullable=False),
        sa.Column("state", sa.String(64), nullable=False),
        sa.Column("category", sa.String(200), nullable=False),
        sa.Column("tags", ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.Column("live_number", sa.Integer()),
        sa.Column("next_number", sa.Integer()),
        sa.Column("next_at", AT),
        sa.Column("audience_region_ids", ARRAY(sa.Uuid()), server_default="{}", nullable=False),
        sa.Column("audience_store_ids", ARRAY(sa.Uuid()), server_default="{}", nullable=False),
        sa.Column("audience_roles", ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.Column("audience_store_tags", ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.Column("valid_from", AT, nullable=False),
        sa.Column("valid_until", AT),
        sa.Column("published_at", AT),
        sa.Column("withdrawn_at", AT),
        sa.Column("withdrawn_reason", sa.String(200)),
        sa.Column("hidden_at", AT),
        sa.Column("hidden_reason", sa.String(64)),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.Column("created_at", AT, server_default=NOW, nullable=False),
        sa.Column("updated_at", AT, server_default=NOW, nullable=False),
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        sa.CheckConstraint(
            "(hidden_at IS NULL) = (hidden_reason IS NULL) AND (hidden_at IS NULL OR state = 'withdrawn')",
            name=op.f("ck_content_hidden"),
        ),
        sa.CheckConstraint(
            "hidden_reason IN ('recall', 'unlawful', 'infringing')", name=op.f("ck_content_hidden_reason")
        ),
        sa.CheckConstraint(
            "kind IN ('article', 'image_set', 'poster', 'product_card', 'video_link', 'script')",
            name=op.f("ck_content_kind"),
        ),
        sa.CheckConstraint("state IN ('draft', 'in_review', 'published', 'withdrawn')", name=op.f("ck_content_state")),
        sa.CheckConstraint(
            "state NOT IN ('published', 'withdrawn') OR live_number IS NOT NULL", name=op.f("ck_content_live")
        ),
        sa.CheckConstraint("(next_number IS NULL) = (next_at IS NULL)", name=op.f("ck_content_next")),
        sa.CheckConstraint("valid_until IS NULL OR valid_until > valid_from", name=op.f("ck_content_validity")),
        sa.ForeignKeyConstraint(["created_by"], ["staff.id"], name=op.f("fk_content_created_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_content")),
    )
    op.create_index(op.f("ix_content_next_at"), "content", ["next_at"], postgresql_where="next_at IS NOT NULL")
    op.create_index(op.f("ix_content_published_at_id"), "content", ["published_at", "id"])
    op.create_index(op.f("ix_content_valid_from"), "content", ["valid_from"])
    op.create_index(
        op.f("ix_content_valid_until"), "content", ["valid_until"], postgresql_where="valid_until IS NOT NULL"
    )


def _content_version() -> None:
    op.create_table(
        "content_version",
        sa.Column("id", sa.Uuid(), server_default=UUID7, nullable=False),
        sa.Column("content_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("body", sa.String(4000), nullable=False),
        sa.Column("texts", JSONB(), nullable=False),
        sa.Column("poster_template", sa.String(64), nullable=False),
        sa.Column("asset_ids", ARRAY(sa.Uuid()), server_default="{}", nullable=False),
        sa.Column("contributor_ids", ARRAY(sa.Uuid()), server_default="{}", nullable=False),
        sa.Column("submitted_at", AT),
        sa.Column("review_comment", sa.String(1000)),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.Column("created_at", AT, server_default=NOW, nullable=False),
        sa.Column("published_by", sa.Uuid()),
        sa.Column("published_at", AT),
        sa.CheckConstraint(
            "(published_at IS NULL) = (published_by IS NULL)", name=op.f("ck_content_version_published")
        ),
        sa.CheckConstraint(
            "published_at IS NULL OR review_comment IS NULL OR submitted_at IS NOT NULL",
            name=op.f("ck_content_version_resubmitted"),
        ),
        sa.CheckConstraint(
            "published_by <> created_by AND published_by <> ALL (contributor_ids)",
            name=op.f("ck_content_version_four_eyes"),
        ),
        sa.ForeignKeyConstraint(["content_id"], ["content.id"], name=op.f("fk_content_version_content_id")),
        sa.ForeignKeyConstraint(["created_by"], ["staff.id"], name=op.f("fk_content_version_created_by")),
        sa.ForeignKeyConstraint(["published_by"], ["staff.id"], name=op.f("fk_content_version_published_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_content_version")),
        sa.UniqueConstraint("content_id", "number", name=op.f("uq_content_version_content_id_number")),
    )
    op.create_index(op.f("ix_content_version_asset_ids"), "content_version", ["asset_ids"], postgresql_using="gin")
    op.create_index(op.f("ix_content_version_published_at"), "content_version", ["published_at"])


def _content_product() -> None:
    op.create_table(
        "content_product",
        sa.Column("content_version_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("product_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["content_version_id"], ["content_version.id"], name=op.f("fk_content_product_content_version_id")
        ),
        sa.ForeignKeyConstraint(["product_id"], ["product.id"], name=op.f("fk_content_product_product_id")),
        sa.PrimaryKeyConstraint("content_version_id", "position", name=op.f("pk_content_product")),
    )
    op.create_index(op.f("ix_content_product_product_id"), "content_product", ["product_id"])


def _forward() -> None:
    op.create_table(
        "forward",
        sa.Column("id", sa.Uuid(), server_default=UUID7, nullable=False),
        sa.Column("content_id", sa.Uuid(), nullable=False),
        sa.Column("content_version_id", sa.Uuid(), nullable=False),
        sa.Column("guide_id", sa.Uuid(), nullable=False),
        sa.Column("store_id", sa.Uuid(), nullable=False),
        sa.Column("channel", sa.String(64), nullable=False),
        sa.Column("target", JSONB(), nullable=False),
        sa.Column("token", sa.String(32), nullable=False),
        sa.Column("text", sa.String(4000), nullable=False),
        sa.Column("shown", JSONB(), nullable=False),
        sa.Column("created_at", AT, nullable=False),
        sa.CheckConstraint(
            "channel IN ('wecom_chat', 'wecom_moments', 'wecom_group', 'wechat', 'link', 'poster')",
            name=op.f("ck_forward_channel"),
        ),
        sa.ForeignKeyConstraint(["content_id"], ["content.id"], name=op.f("fk_forward_content_id")),
        sa.ForeignKeyConstraint(
            ["content_version_id"], ["content_version.id"], name=op.f("fk_forward_content_version_id")
        ),
        sa.ForeignKeyConstraint(["guide_id"], ["staff.id"], name=op.f("fk_forward_guide_id")),
        sa.ForeignKeyConstraint(["store_id"], ["store.id"], name=op.f("fk_forward_store_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_forward")),
        sa.UniqueConstraint("token", name=op.f("uq_forward_token")),
    )
    op.create_index(op.f("ix_forward_content_id_created_at"), "forward", ["content_id", "created_at"])
    op.create_index(op.f("ix_forward_created_at"), "forward", ["created_at"])
    op.create_index(op.f("ix_forward_guide_id_created_at"), "forward", ["guide_id", "created_at"])


def _forward_confirmation() -> None:
    op.create_table(
        "forward_confirmation",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("forward_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(64), nullable=False),
        sa.Column("customer_id", sa.Uuid()),
        sa.Column("created_at", AT, nullable=False),
        sa.CheckConstraint("kind IN ('client', 'channel')", name=op.f("ck_forward_confirmation_kind")),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("fk_forward_confirmation_customer_id")),
        sa.ForeignKeyConstraint(["forward_id"], ["forward.id"], name=op.f("fk_forward_confirmation_forward_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_forward_confirmation")),
        sa.UniqueConstraint(
            "forward_id",
            "kind",
            "customer_id",
            name=op.f("uq_forward_confirmation_forward_id_kind_customer_id"),
            postgresql_nulls_not_distinct=True,
        ),
    )
    op.create_index(op.f("ix_forward_confirmation_created_at"), "forward_confirmation", ["created_at"])


def _touch() -> None:
    op.create_table(
        "touch",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("created_at", AT, nullable=False),
        sa.Column("forward_id", sa.Uuid(), nullable=False),
        sa.Column("guide_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(64), nullable=False),
        sa.Column("viewer", sa.String(64)),
        sa.Column("device", sa.String(32)),
        sa.Column("counted", sa.Boolean(), nullable=False),
        sa.Column("excluded_reason", sa.String(64)),
        sa.Column("sign", sa.String(64)),
        sa.Column("dwell_ms", sa.Integer()),
        sa.Column("product_id", sa.Uuid()),
        sa.Column(
            "transaction_id",
            sa.BigInteger(),
            server_default=sa.text("((pg_current_xact_id())::text)::bigint"),
            nullable=False,
        ),
        sa.CheckConstraint("sign IS NOT NULL OR NOT counted", name=op.f("ck_touch_sign")),
        sa.ForeignKeyConstraint(["forward_id"], ["forward.id"], name=op.f("fk_touch_forward_id")),
        sa.ForeignKeyConstraint(["guide_id"], ["staff.id"], name=op.f("fk_touch_guide_id")),
        sa.ForeignKeyConstraint(["product_id"], ["product.id"], name=op.f("fk_touch_product_id")),
        sa.PrimaryKeyConstraint("id", "created_at", name=op.f("pk_touch")),
        postgresql_partition_by="RANGE (created_at)",
    )
    op.create_index(op.f("ix_touch_created_at"), "touch", ["created_at"])
    op.create_index(op.f("ix_touch_forward_id_created_at"), "touch", ["forward_id", "created_at"])
    op.create_index(op.f("ix_touch_guide_id_transaction_id_id"), "touch", ["guide_id", "transaction_id", "id"])
