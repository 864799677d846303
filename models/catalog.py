"""What may be sold: the brand's word (shelf status) and each store's own (availability)."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, DateTime, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from kit.db import Base
from models.columns import At, Code, CreatedAt, Currency, Fen, Id, Name, Number, Version

SHELF_STATUSES = ("on_shelf", "off_shelf", "presale", "discontinued")
_STATUS_LIST = ", ".join(f"'{status}'" for status in SHELF_STATUSES)


class Source(Base):
    """Where products or orders come from: a brand's feed, a till system, a web shop."""

    __tablename__ = "source"

    id: Mapped[Id]
    code: Mapped[Code] = mapped_column(unique=True)
    name: Mapped[Name]
    currency: Mapped[Currency] = mapped_column(server_default="CNY")


class Brand(Base):
    __tablename__ = "brand"

    id: Mapped[Id]
    name: Mapped[Name] = mapped_column(unique=True)


class Category(Base):
    """A path such as `护肤 > 精华`, one row per distinct path."""

    __tablename__ = "category"

    id: Mapped[Id]
    path: Mapped[str] = mapped_column(String(500), unique=True)


class Product(Base):
    """An SPU as its source last described it; `source_version` only ever grows."""

    __tablename__ = "product"
    __table_args__ = (
        UniqueConstraint("source_id", "external_id"),
        CheckConstraint(f"shelf_status IN ({_STATUS_LIST})", name="shelf_status"),
        Index(None, "title", "id"),
        Index(None, "brand_id"),
        Index(None, "category_id"),
        # What `search_text` makes of a title lets trigrams find Chinese words of one or two characters.
        Index(
            "ix_product_search",
            text("search_text(title)"),
            postgresql_using="gin",
            postgresql_ops={"search_text(title)": "gin_trgm_ops"},
        ),
    )

    id: Mapped[Id]
    source_id: Mapped[UUID] = mapped_column(ForeignKey("source.id"))
    external_id: Mapped[str] = mapped_column(String(128))
    source_version: Mapped[Version]
    # Of what the source last said (catalog.items.digest); None once it no longer holds, after a tombstone.
    content_digest: Mapped[int | None] = mapped_column(BigInteger)
    title: Mapped[str] = mapped_column(String(500))
    brand_id: Mapped[UUID] = mapped_column(ForeignKey("brand.id"))
    category_id: Mapped[UUID] = mapped_column(ForeignKey("category.id"))
    shelf_status: Mapped[Code]
    shelf_reason: Mapped[str | None] = mapped_column(String(200))
    shelf_changed_at: Mapped[At]
    updated_at: Mapped[At]


class Sku(Base):
    """One sellable variant; its code is what tills send on order lines.

    `in_stock` is the source's word and counts where a store has said nothing; a SKU the source no longer names
    stays, for the orders that refer to it, with `listed` false.
    """

    __tablename__ = "sku"
    __table_args__ = (
        CheckConstraint("price_fen >= 0 AND (list_price_fen IS NULL OR list_price_fen >= price_fen)", name="price"),
    )

    id: Mapped[Id]
    product_id: Mapped[UUID] = mapped_column(ForeignKey("product.id"), index=True)
    code: Mapped[str] = mapped_column(String(128), unique=True)
    barcode: Mapped[str | None] = mapped_column(String(64))
    price_fen: Mapped[Fen]
    list_price_fen: Mapped[Fen | None]
    currency: Mapped[Currency]
    in_stock: Mapped[bool] = mapped_column(server_default=text("true"))
    listed: Mapped[bool] = mapped_column(server_default=text("true"))


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

    store_id: Mapped[UUID] = mapped_column(ForeignKey("store.id"), primary_key=True)
    sku_id: Mapped[UUID] = mapped_column(ForeignKey("sku.id"), primary_key=True)
    sellable: Mapped[bool]
    price_fen: Mapped[Fen | None]
    stock: Mapped[int | None]
    updated_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
