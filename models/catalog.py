"""What may be sold: the brand's word (shelf status) and each store's own (availability)."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Computed,
    DateTime,
    ForeignKey,
    Index,
    String,
    Text,
    UniqueConstraint,
    literal_column,
    text,
)
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column

from kit.db import Base
from models.columns import At, Code, CreatedAt, Currency, Fen, Id, Json, Name, Number, Texts, Version, Words

SHELF_STATUSES = ("on_shelf", "off_shelf", "presale", "discontinued")
_OWN_WORD = text("NOT sellable OR price_fen IS NOT NULL")
_STATUS_LIST = ", ".join(f"'{status}'" for status in SHELF_STATUSES)


class Source(Base):
    """Where products or orders come from: a brand's feed, a till system, a web shop."""

    __tablename__ = "source"
    __table_args__ = (
        CheckConstraint("guard_bp BETWEEN 0 AND 10000", name="guard_bp"),
        CheckConstraint("rank BETWEEN 1 AND 10000", name="rank"),
    )

    id: Mapped[Id]
    code: Mapped[Code] = mapped_column(unique=True)
    name: Mapped[Name]
    currency: Mapped[Currency] = mapped_column(server_default="CNY")
    format: Mapped[Code] = mapped_column(server_default="native")
    mapping: Mapped[Json] = mapped_column(server_default="{}")
    # What its pushes are signed with, newest first: two live while one replaces the other.
    secrets: Mapped[Texts]
    # Whether a key with the scope is enough although there is a secret.
    unsigned_pushes: Mapped[bool] = mapped_column(server_default=text("false"))
    # The share of products on the shelf, in basis points, that a snapshot may take down unasked.
    guard_bp: Mapped[int] = mapped_column(server_default="500")
    # Of the sources that list a SKU the lowest number says what it is; of equal ones the first that was made.
    rank: Mapped[int] = mapped_column(server_default="100")
    # It says nothing any more: what others list as well is theirs to say, the rest is off the shelf.
    retired_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    # A snapshot said everything as of this version: whatever is older is stale.
    snapshot_version: Mapped[Version] = mapped_column(server_default="0")


class Brand(Base):
    __tablename__ = "brand"

    id: Mapped[Id]
    name: Mapped[Name] = mapped_column(unique=True)


class Category(Base):
    """A path such as `护肤 > 精华`, one row per distinct path; a trigger adds the categories above it."""

    __tablename__ = "category"
    # Those below a path stand together, in any locale.
    __table_args__ = (Index("ix_category_below", "path", postgresql_ops={"path": "text_pattern_ops"}),)

    id: Mapped[Id]
    path: Mapped[str] = mapped_column(String(500), unique=True)


class Product(Base):
    """An SPU as its source last described it; `source_version` only ever grows.

    Where other sources list its SKUs too, each has a row of its own; one whose SKUs are all said by others is
    `shadowed`: not shown, kept for when it is its turn.
    """

    __tablename__ = "product"
    __table_args__ = (
        # Judged when a statement ends: two products may exchange their names.
        UniqueConstraint("source_id", "external_id", deferrable=True, initially="IMMEDIATE"),
        CheckConstraint(f"shelf_status IN ({_STATUS_LIST})", name="shelf_status"),
        Index(None, "title", "id"),
        # In the order that lists have, so that a page of a rare brand reads a page and not the catalog.
        Index(None, "shelf_status", "title", "id"),
        Index(None, "brand_id", "title", "id"),
        Index(None, "category_id", "title", "id"),
        Index(None, "category_id", "shelf_status", "title", "id"),
        Index("ix_product_doubtful", "title", "id", postgresql_where=text("doubtful")),
        # One index of both, so that words and spellings are found together in one scan.
        Index(
            *("ix_product_search", "search", "pinyin"),
            postgresql_using="gin",
            postgresql_ops={"search": "gin_trgm_ops"},
        ),
    )

    id: Mapped[Id]
    source_id: Mapped[UUID] = mapped_column(ForeignKey("source.id"))
    external_id: Mapped[str] = mapped_column(String(255))
    source_version: Mapped[Version]
    # Of what the source last said (catalog.items.digest); None once it no longer holds, after a tombstone.
    content_digest: Mapped[int | None] = mapped_column(BigInteger)
    title: Mapped[str] = mapped_column(String(500))
    # The title with each Chinese character as a word of its own, so that trigrams find words of one or two of them.
    search: Mapped[str] = mapped_column(
        Text, Computed("(' '::text || search_text((title)::text))", persisted=True), deferred=True
    )
    # How the title is spelled (catalog.pinyin); set with it.
    pinyin: Mapped[str] = mapped_column(TSVECTOR, server_default="", deferred=True)
    brand_id: Mapped[UUID] = mapped_column(ForeignKey("brand.id"))
    category_id: Mapped[UUID] = mapped_column(ForeignKey("category.id"))
    tags: Mapped[Texts] = mapped_column(server_default="{}")
    shelf_status: Mapped[Code]
    shelf_reason: Mapped[str | None] = mapped_column(String(200))
    shelf_changed_at: Mapped[At]
    # Its source said two things under one version: the more careful one holds until it says more.
    doubtful: Mapped[bool] = mapped_column(server_default=text("false"))
    shadowed: Mapped[bool] = mapped_column(server_default=text("false"))
    # What its source said of the shelf before it was retired; it counts again once the source is back.
    retired_status: Mapped[Code | None]
    retired_reason: Mapped[str | None] = mapped_column(String(200))
    # An operator took this source's word on it away; others that list its SKUs say what they are.
    unlinked_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    updated_at: Mapped[At]


def _variant_index(table: str) -> Index:
    condition = text("variant_id IS NOT NULL")
    return Index(f"ix_{table}_variant_id", text("code_key(variant_id::text)"), postgresql_where=condition)


class Sku(Base):
    """One sellable variant; its code is what tills send on order lines. What it says is of its product's source.

    `in_stock` is the source's word and counts where a store has said nothing; a SKU the source no longer names
    stays, for the orders that refer to it, with `listed` false.
    """

    __tablename__ = "sku"
    __table_args__ = (
        CheckConstraint("price_fen >= 0 AND (list_price_fen IS NULL OR list_price_fen >= price_fen)", name="price"),
        # As people type and scan them; by pattern operators, so that beginnings of codes are found in any locale.
        Index(
            "ix_sku_code_key",
            literal_column("code_key(code::text)").label("key"),
            postgresql_ops={"key": "text_pattern_ops"},
        ),
        Index("ix_sku_barcode_key", text("barcode_key(barcode::text)"), postgresql_where=text("barcode IS NOT NULL")),
        _variant_index("sku"),
    )

    id: Mapped[Id]
    product_id: Mapped[UUID] = mapped_column(ForeignKey("product.id"), index=True)
    code: Mapped[str] = mapped_column(String(128), unique=True)
    barcode: Mapped[str | None] = mapped_column(String(64))
    # What the platform knows the variant by, whatever its code is.
    variant_id: Mapped[str | None] = mapped_column(String(64))
    price_fen: Mapped[Fen]
    list_price_fen: Mapped[Fen | None]
    currency: Mapped[Currency]
    in_stock: Mapped[bool] = mapped_column(server_default=text("true"))
    listed: Mapped[bool] = mapped_column(server_default=text("true"))


class SkuListing(Base):
    """What a source says of a SKU that a source of a higher rank decides; who decides has no row here."""

    __tablename__ = "sku_listing"
    __table_args__ = (
        CheckConstraint("price_fen >= 0 AND (list_price_fen IS NULL OR list_price_fen >= price_fen)", name="price"),
        Index(
            "ix_sku_listing_barcode_key",
            text("barcode_key(barcode::text)"),
            postgresql_where=text("barcode IS NOT NULL"),
        ),
        _variant_index("sku_listing"),
    )

    sku_id: Mapped[UUID] = mapped_column(ForeignKey("sku.id"), primary_key=True)
    product_id: Mapped[UUID] = mapped_column(ForeignKey("product.id"), primary_key=True, index=True)
    barcode: Mapped[str | None] = mapped_column(String(64))
    variant_id: Mapped[str | None] = mapped_column(String(64))
    price_fen: Mapped[Fen]
    list_price_fen: Mapped[Fen | None]
    currency: Mapped[Currency]
    in_stock: Mapped[bool]
    listed: Mapped[bool]


class ProductImage(Base):
    __tablename__ = "product_image"

    product_id: Mapped[UUID] = mapped_column(ForeignKey("product.id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    storage_key: Mapped[str] = mapped_column(String(100), index=True)


class ShelfEvent(Base):
    """One change of shelf status; written by a trigger on `product`, so that nothing bypasses it.

    Ids commit out of order: readers go by `transaction_id` below the oldest transaction that still writes.
    """

    __tablename__ = "shelf_event"
    __table_args__ = (Index(None, "transaction_id", "id"),)

    id: Mapped[Number]
    product_id: Mapped[UUID] = mapped_column(ForeignKey("product.id"), index=True)
    old_status: Mapped[Code | None]
    new_status: Mapped[Code]
    source_version: Mapped[Version]
    reason: Mapped[str | None] = mapped_column(String(200))
    created_at: Mapped[CreatedAt]
    transaction_id: Mapped[int] = mapped_column(
        BigInteger, server_default=text("((pg_current_xact_id())::text)::bigint")
    )


class StoreAvailability(Base):
    """A store's own word on a SKU. No row means: sellable while in stock at the source, at the SKU's price."""

    __tablename__ = "store_availability"
    __table_args__ = (
        CheckConstraint("price_fen >= 0", name="price"),
        CheckConstraint("stock >= 0", name="stock"),
        # Of what stores switched off or repriced, by store and across stores; those that count stock are not in them.
        Index("ix_store_availability_own", "store_id", "sku_id", postgresql_where=_OWN_WORD),
        Index("ix_store_availability_across", "sku_id", "store_id", postgresql_where=_OWN_WORD),
    )

    # What the audit log knows it by.
    id: Mapped[str] = mapped_column(
        Text, Computed("(((store_id)::text || ':'::text) || (sku_id)::text)", persisted=True), deferred=True
    )
    store_id: Mapped[UUID] = mapped_column(ForeignKey("store.id"), primary_key=True)
    sku_id: Mapped[UUID] = mapped_column(ForeignKey("sku.id"), primary_key=True)
    sellable: Mapped[bool]
    price_fen: Mapped[Fen | None]
    stock: Mapped[int | None]
    updated_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class ImageLink(Base):
    """A picture as its source names it: fetched by a job, tried again later, given up after some attempts."""

    __tablename__ = "image_link"
    __table_args__ = (
        Index(None, "due_at", postgresql_where="due_at IS NOT NULL"),
        Index("ix_image_link_failed", "product_id", "position", postgresql_where="problem IS NOT NULL"),
    )

    product_id: Mapped[UUID] = mapped_column(ForeignKey("product.id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    url: Mapped[str] = mapped_column(String(2000))
    attempts: Mapped[int] = mapped_column(server_default="0")
    due_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    problem: Mapped[Words | None]


class ProductAlias(Base):
    """A platform's own id of a product, which stays when the name changes; with the version of the deletion."""

    __tablename__ = "product_alias"
    # Judged when a statement ends: two products may exchange their names.
    __table_args__ = (UniqueConstraint("source_id", "external_id", deferrable=True, initially="IMMEDIATE"),)

    source_id: Mapped[UUID] = mapped_column(ForeignKey("source.id"), primary_key=True)
    alias: Mapped[str] = mapped_column(String(128), primary_key=True)
    external_id: Mapped[str | None] = mapped_column(String(255))
    deleted_version: Mapped[Version | None]
