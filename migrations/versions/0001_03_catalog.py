"""Sources, products and their SKUs, what stores sell, and the runs that bring them in."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, TSVECTOR

revision = "catalog"
down_revision = "staff"
branch_labels = None
depends_on = None

AT = sa.DateTime(timezone=True)
UUID7 = sa.text("uuid7()")
NOW = sa.text("now()")


def upgrade() -> None:
    _brand()
    _category()
    _source()
    _sync_item()
    _product()
    _product_alias()
    _sync_run()
    _image_link()
    _product_image()
    _product_price()
    _shelf_event()
    _sku()
    _sync_drift()
    _sync_reject()
    _sku_listing()
    _store_availability()
    # Room in each page for the next price of every row: an update then touches no index.
    op.execute("ALTER TABLE product SET (fillfactor = 50)")
    op.execute("ALTER TABLE sku SET (fillfactor = 50)")


def _brand() -> None:
    op.create_table(
        "brand",
        sa.Column("id", sa.Uuid(), server_default=UUID7, nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_brand")),
        sa.UniqueConstraint("name", name=op.f("uq_brand_name")),
    )


def _category() -> None:
    op.create_table(
        "category",
        sa.Column("id", sa.Uuid(), server_default=UUID7, nullable=False),
        sa.Column("path", sa.String(500), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_category")),
        sa.UniqueConstraint("path", name=op.f("uq_category_path")),
    )
    op.create_index("ix_category_below", "category", ["path"], postgresql_ops={"path": "text_pattern_ops"})


def _source() -> None:
    op.create_table(
        "source",
        sa.Column("id", sa.Uuid(), server_default=UUID7, nullable=False),
        sa.Column("code", sa.String(64), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("currency", sa.String(3), server_default="CNY", nullable=False),
        sa.Column("format", sa.String(64), server_default="native", nullable=False),
        sa.Column("mapping", JSONB(), server_default="{}", nullable=False),
        sa.Column("secrets", ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.Column("unsigned_pushes", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("guard_bp", sa.Integer(), server_default="500", nullable=False),
        sa.Column("rank", sa.Integer(), server_default="100", nullable=False),
        sa.Column("retired_at", AT),
        sa.Column("snapshot_version", sa.BigInteger(), server_default="0", nullable=False),
        sa.CheckConstraint("guard_bp BETWEEN 0 AND 10000", name=op.f("ck_source_guard_bp")),
        sa.CheckConstraint("rank BETWEEN 1 AND 10000", name=op.f("ck_source_rank")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_source")),
        sa.UniqueConstraint("code", name=op.f("uq_source_code")),
    )


def _sync_item() -> None:
    op.create_table(
        "sync_item",
        sa.Column("run_id", sa.Uuid(), nullable=False),
        sa.Column("item_no", sa.Integer(), nullable=False),
        sa.Column("external_id", sa.String(255), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.BigInteger(), nullable=False),
        sa.Column("partial", sa.Boolean(), nullable=False),
        sa.Column("on_shelf", sa.Boolean(), nullable=False),
        sa.Column("payload", JSONB(), nullable=False),
        sa.PrimaryKeyConstraint("run_id", "item_no", name=op.f("pk_sync_item")),
        prefixes=["UNLOGGED"],
    )


def _product() -> None:
    op.create_table(
        "product",
        sa.Column("id", sa.Uuid(), server_default=UUID7, nullable=False),
        sa.Column("source_id", sa.Uuid(), nullable=False),
        sa.Column("external_id", sa.String(255), nullable=False),
        sa.Column("source_version", sa.BigInteger(), nullable=False),
        sa.Column("content_digest", sa.BigInteger()),
        sa.Column("title", sa.String(500), nullable=False),
        sa.Column(
            "search",
            sa.Text(),
            sa.Computed("(' '::text || search_text((title)::text))", persisted=True),
            nullable=False,
        ),
        sa.Column("pinyin", TSVECTOR(), server_default="", nullable=False),
        sa.Column("brand_id", sa.Uuid(), nullable=False),
        sa.Column("category_id", sa.Uuid(), nullable=False),
        sa.Column("tags", ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.Column("shelf_status", sa.String(64), nullable=False),
        sa.Column("shelf_reason", sa.String(200)),
        sa.Column("shelf_changed_at", AT, nullable=False),
        sa.Column("doubtful", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("shadowed", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("unlinked_at", AT),
        sa.Column("updated_at", AT, nullable=False),
        sa.CheckConstraint(
            "shelf_status IN ('on_shelf', 'off_shelf', 'presale', 'discontinued')", name=op.f("ck_product_shelf_status")
        ),
        sa.ForeignKeyConstraint(["brand_id"], ["brand.id"], name=op.f("fk_product_brand_id")),
        sa.ForeignKeyConstraint(["category_id"], ["category.id"], name=op.f("fk_product_category_id")),
        sa.ForeignKeyConstraint(["source_id"], ["source.id"], name=op.f("fk_product_source_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_product")),
        sa.UniqueConstraint(
            "source_id",
            "external_id",
            deferrable=True,
            initially="IMMEDIATE",
            name=op.f("uq_product_source_id_external_id"),
        ),
    )
    op.create_index(op.f("ix_product_brand_id_title_id"), "product", ["brand_id", "title", "id"])
    op.create_index(
        op.f("ix_product_category_id_shelf_status_title_id"), "product", ["category_id", "shelf_status", "title", "id"]
    )
    op.create_index(op.f("ix_product_category_id_title_id"), "product", ["category_id", "title", "id"])
    op.create_index("ix_product_doubtful", "product", ["title", "id"], postgresql_where=sa.text("doubtful"))
    op.create_index(
        "ix_product_search",
        "product",
        ["search", "pinyin"],
        postgresql_using="gin",
        postgresql_ops={"search": "gin_trgm_ops"},
    )
    op.create_index(op.f("ix_product_shelf_status_title_id"), "product", ["shelf_status", "title", "id"])
    op.create_index(op.f("ix_product_title_id"), "product", ["title", "id"])


def _product_alias() -> None:
    op.create_table(
        "product_alias",
        sa.Column("source_id", sa.Uuid(), nullable=False),
        sa.Column("alias", sa.String(128), nullable=False),
        sa.Column("external_id", sa.String(255)),
        sa.Column("deleted_version", sa.BigInteger()),
        sa.ForeignKeyConstraint(["source_id"], ["source.id"], name=op.f("fk_product_alias_source_id")),
        sa.PrimaryKeyConstraint("source_id", "alias", name=op.f("pk_product_alias")),
        sa.UniqueConstraint("source_id", "external_id", name=op.f("uq_product_alias_source_id_external_id")),
    )


def _sync_run() -> None:
    op.create_table(
        "sync_run",
        sa.Column("id", sa.Uuid(), server_default=UUID7, nullable=False),
        sa.Column("source_id", sa.Uuid(), nullable=False),
        sa.Column("mode", sa.String(64), nullable=False),
        sa.Column("dry_run", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(64), nullable=False),
        sa.Column("file_key", sa.String(100), nullable=False),
        sa.Column("file_bytes", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("attempt", sa.Integer(), server_default="0", nullable=False),
        sa.Column("rows_read", sa.Integer(), server_default="0", nullable=False),
        sa.Column("items", sa.Integer(), server_default="0", nullable=False),
        sa.Column("unversioned", sa.Integer(), server_default="0", nullable=False),
        sa.Column("applied_to", sa.Integer(), server_default="0", nullable=False),
        sa.Column("missing", sa.Integer()),
        sa.Column("created", sa.Integer(), server_default="0", nullable=False),
        sa.Column("updated", sa.Integer(), server_default="0", nullable=False),
        sa.Column("unchanged", sa.Integer(), server_default="0", nullable=False),
        sa.Column("stale", sa.Integer(), server_default="0", nullable=False),
        sa.Column("rejected", sa.Integer(), server_default="0", nullable=False),
        sa.Column("off_shelved", sa.Integer(), server_default="0", nullable=False),
        sa.Column("confirmed", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("problem_code", sa.String(64)),
        sa.Column("problem", sa.String(1000)),
        sa.Column("created_at", AT, nullable=False),
        sa.Column("updated_at", AT, nullable=False),
        sa.Column("finished_at", AT),
        sa.CheckConstraint("mode IN ('upsert', 'snapshot')", name=op.f("ck_sync_run_mode")),
        sa.CheckConstraint(
            "state IN ('queued', 'reading', 'held', 'applying', 'done', 'failed', 'cancelled')",
            name=op.f("ck_sync_run_state"),
        ),
        sa.ForeignKeyConstraint(["source_id"], ["source.id"], name=op.f("fk_sync_run_source_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sync_run")),
    )
    op.create_index(op.f("ix_sync_run_source_id_created_at"), "sync_run", ["source_id", "created_at"])
    op.create_index(
        op.f("ix_sync_run_updated_at"),
        "sync_run",
        ["updated_at"],
        postgresql_where="state IN ('queued', 'reading', 'applying')",
    )


def _image_link() -> None:
    op.create_table(
        "image_link",
        sa.Column("product_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("url", sa.String(2000), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("due_at", AT),
        sa.Column("problem", sa.String(200)),
        sa.ForeignKeyConstraint(["product_id"], ["product.id"], name=op.f("fk_image_link_product_id")),
        sa.PrimaryKeyConstraint("product_id", "position", name=op.f("pk_image_link")),
    )
    op.create_index(op.f("ix_image_link_due_at"), "image_link", ["due_at"], postgresql_where="due_at IS NOT NULL")
    op.create_index(
        "ix_image_link_failed", "image_link", ["product_id", "position"], postgresql_where="problem IS NOT NULL"
    )


def _product_image() -> None:
    op.create_table(
        "product_image",
        sa.Column("product_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("storage_key", sa.String(100), nullable=False),
        sa.ForeignKeyConstraint(["product_id"], ["product.id"], name=op.f("fk_product_image_product_id")),
        sa.PrimaryKeyConstraint("product_id", "position", name=op.f("pk_product_image")),
    )
    op.create_index(op.f("ix_product_image_storage_key"), "product_image", ["storage_key"])


def _product_price() -> None:
    op.create_table(
        "product_price",
        sa.Column("product_id", sa.Uuid(), nullable=False),
        sa.Column("price_fen", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["product_id"], ["product.id"], name=op.f("fk_product_price_product_id")),
        sa.PrimaryKeyConstraint("product_id", name=op.f("pk_product_price")),
    )
    op.create_index(op.f("ix_product_price_price_fen_product_id"), "product_price", ["price_fen", "product_id"])


def _shelf_event() -> None:
    op.create_table(
        "shelf_event",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("product_id", sa.Uuid(), nullable=False),
        sa.Column("old_status", sa.String(64)),
        sa.Column("new_status", sa.String(64), nullable=False),
        sa.Column("source_version", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.String(200)),
        sa.Column("created_at", AT, server_default=NOW, nullable=False),
        sa.Column(
            "transaction_id",
            sa.BigInteger(),
            server_default=sa.text("((pg_current_xact_id())::text)::bigint"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(["product_id"], ["product.id"], name=op.f("fk_shelf_event_product_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shelf_event")),
    )
    op.create_index(op.f("ix_shelf_event_product_id"), "shelf_event", ["product_id"])
    op.create_index(op.f("ix_shelf_event_transaction_id_id"), "shelf_event", ["transaction_id", "id"])


def _sku() -> None:
    op.create_table(
        "sku",
        sa.Column("id", sa.Uuid(), server_default=UUID7, nullable=False),
        sa.Column("product_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(128), nullable=False),
        sa.Column("barcode", sa.String(64)),
        sa.Column("price_fen", sa.BigInteger(), nullable=False),
        sa.Column("list_price_fen", sa.BigInteger()),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("in_stock", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("listed", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.CheckConstraint(
            "price_fen >= 0 AND (list_price_fen IS NULL OR list_price_fen >= price_fen)", name=op.f("ck_sku_price")
        ),
        sa.ForeignKeyConstraint(["product_id"], ["product.id"], name=op.f("fk_sku_product_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sku")),
        sa.UniqueConstraint("code", name=op.f("uq_sku_code")),
    )
    op.create_index(
        "ix_sku_barcode_key",
        "sku",
        [sa.literal_column("barcode_key(barcode::text)")],
        postgresql_where=sa.text("barcode IS NOT NULL"),
    )
    op.create_index(
        "ix_sku_code_key",
        "sku",
        [sa.literal_column("code_key(code::text)").label("key")],
        postgresql_ops={"key": "text_pattern_ops"},
    )
    op.create_index(op.f("ix_sku_product_id"), "sku", ["product_id"])


def _sync_drift() -> None:
    op.create_table(
        "sync_drift",
        sa.Column("run_id", sa.Uuid(), nullable=False),
        sa.Column("external_id", sa.String(255), nullable=False),
        sa.Column("kind", sa.String(64), nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["sync_run.id"], name=op.f("fk_sync_drift_run_id")),
        sa.PrimaryKeyConstraint("run_id", "external_id", name=op.f("pk_sync_drift")),
    )


def _sync_reject() -> None:
    op.create_table(
        "sync_reject",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("source_id", sa.Uuid(), nullable=False),
        sa.Column("run_id", sa.Uuid()),
        sa.Column("line_no", sa.Integer()),
        sa.Column("external_id", sa.String(255)),
        sa.Column("field", sa.String(100)),
        sa.Column("code", sa.String(64), nullable=False),
        sa.Column("detail", sa.String(500), nullable=False),
        sa.Column("raw", sa.String(2000)),
        sa.Column("created_at", AT, server_default=NOW, nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["sync_run.id"], name=op.f("fk_sync_reject_run_id")),
        sa.ForeignKeyConstraint(["source_id"], ["source.id"], name=op.f("fk_sync_reject_source_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sync_reject")),
    )
    op.create_index(op.f("ix_sync_reject_run_id_id"), "sync_reject", ["run_id", "id"])
    op.create_index(op.f("ix_sync_reject_source_id_id"), "sync_reject", ["source_id", "id"])


def _sku_listing() -> None:
    op.create_table(
        "sku_listing",
        sa.Column("sku_id", sa.Uuid(), nullable=False),
        sa.Column("product_id", sa.Uuid(), nullable=False),
        sa.Column("barcode", sa.String(64)),
        sa.Column("price_fen", sa.BigInteger(), nullable=False),
        sa.Column("list_price_fen", sa.BigInteger()),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("in_stock", sa.Boolean(), nullable=False),
        sa.Column("listed", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "price_fen >= 0 AND (list_price_fen IS NULL OR list_price_fen >= price_fen)",
            name=op.f("ck_sku_listing_price"),
        ),
        sa.ForeignKeyConstraint(["product_id"], ["product.id"], name=op.f("fk_sku_listing_product_id")),
        sa.ForeignKeyConstraint(["sku_id"], ["sku.id"], name=op.f("fk_sku_listing_sku_id")),
        sa.PrimaryKeyConstraint("sku_id", "product_id", name=op.f("pk_sku_listing")),
    )
    op.create_index(op.f("ix_sku_listing_product_id"), "sku_listing", ["product_id"])


def _store_availability() -> None:
    op.create_table(
        "store_availability",
        sa.Column(
            "id",
            sa.Text(),
            sa.Computed("(((store_id)::text || ':'::text) || (sku_id)::text)", persisted=True),
            nullable=False,
        ),
        sa.Column("store_id", sa.Uuid(), nullable=False),
        sa.Column("sku_id", sa.Uuid(), nullable=False),
        sa.Column("sellable", sa.Boolean(), nullable=False),
        sa.Column("price_fen", sa.BigInteger()),
        sa.Column("stock", sa.Integer()),
        sa.Column("updated_at", AT, nullable=False),
        sa.CheckConstraint("price_fen >= 0", name=op.f("ck_store_availability_price")),
        sa.CheckConstraint("stock >= 0", name=op.f("ck_store_availability_stock")),
        sa.ForeignKeyConstraint(["sku_id"], ["sku.id"], name=op.f("fk_store_availability_sku_id")),
        sa.ForeignKeyConstraint(["store_id"], ["store.id"], name=op.f("fk_store_availability_store_id")),
        sa.PrimaryKeyConstraint("store_id", "sku_id", name=op.f("pk_store_availability")),
    )
    op.create_index(
        "ix_store_availability_across",
        "store_availability",
        ["sku_id", "store_id"],
        postgresql_where=sa.text("NOT sellable OR price_fen IS NOT NULL"),
    )
    op.create_index(
        "ix_store_availability_own",
        "store_availability",
        ["store_id", "sku_id"],
        postgresql_where=sa.text("NOT sellable OR price_fen IS NOT NULL"),
    )
