"""What was bought, and who gets credit for it."""

from datetime import date
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, Integer, String, UniqueConstraint
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from kit.db import Base
from models.columns import At, Code, Currency, Fen, Id, JsonList, Uuids, Version


class Order(Base):
    """A receipt as its source last described it.

    `revision` counts the changes we took; upper rooms compare it with the revision they last worked on.
    `redated` once its source moved it in time: what was written about it before may lie at another.
    """

    __tablename__ = "sales_order"
    __table_args__ = (
        UniqueConstraint("source_id", "external_id"),
        Index(None, "business_day", "store_id"),
        Index("ix_sales_order_business_day_redated", "business_day", postgresql_where="redated"),
        Index(None, "changed_at"),
        Index(None, "customer_id", "ordered_at"),
        Index("ix_sales_order_share_token", "share_token", postgresql_where="share_token IS NOT NULL"),
    )

    id: Mapped[Id]
    source_id: Mapped[UUID] = mapped_column(ForeignKey("source.id"))
    external_id: Mapped[str] = mapped_column(String(128))
    source_version: Mapped[Version]
    # Of what this version said (orders.incoming.content_digest); None: not known.
    content_digest: Mapped[int | None] = mapped_column(BigInteger)
    store_id: Mapped[UUID] = mapped_column(ForeignKey("store.id"))
    customer_id: Mapped[UUID | None] = mapped_column(ForeignKey("customer.id"))
    channel: Mapped[Code]
    share_token: Mapped[str | None] = mapped_column(String(32))
    ordered_at: Mapped[At]
    business_day: Mapped[date]
    currency: Mapped[Currency]
    net_fen: Mapped[Fen]
    revision: Mapped[int] = mapped_column(Integer, server_default="1")
    redated: Mapped[bool] = mapped_column(server_default="false")
    changed_at: Mapped[At]


class OrderLine(Base):
    """One line, with what was true when it was sold, or once its SKU was known.

    `net_fen` = paid for the line, without tax and shipping.
    """

    __tablename__ = "order_line"
    __table_args__ = (
        UniqueConstraint("order_id", "line_no"),
        Index("ix_order_line_unclassified", "sku_code", postgresql_where="sku_id IS NULL"),
        Index("ix_order_line_classified_late", "sku_id", postgresql_where="classified_revision IS NOT NULL"),
        CheckConstraint("quantity >= 0", name="quantity"),
        CheckConstraint("cardinality(serving_guide_ids) = cardinality(serving_shares_bp)", name="serving"),
    )

    id: Mapped[Id]
    order_id: Mapped[UUID] = mapped_column(ForeignKey("sales_order.id"))
    line_no: Mapped[int]
    sku_code: Mapped[str] = mapped_column(String(128))
    sku_id: Mapped[UUID | None] = mapped_column(ForeignKey("sku.id"))
    product_title: Mapped[str] = mapped_column(String(500))
    # As they stood on the SKU's product then: copies, whose foreign keys cost a third of taking orders in.
    brand_id: Mapped[UUID | None]
    category_id: Mapped[UUID | None]
    # Of the order, when a line that was sold before its SKU was known was last classified.
    classified_revision: Mapped[int | None]
    quantity: Mapped[int]
    discount_fen: Mapped[Fen]
    tax_fen: Mapped[Fen]
    net_fen: Mapped[Fen]
    serving_guide_ids: Mapped[Uuids]
    serving_shares_bp: Mapped[list[int]] = mapped_column(ARRAY(BigInteger), server_default="{}")


class Attribution(Base):
    """Who gets credit for a line: the winner, and every candidate with the reason it lost."""

    __tablename__ = "attribution"
    __table_args__ = (Index(None, "guide_id", "decided_at"),)

    line_id: Mapped[UUID] = mapped_column(ForeignKey("order_line.id"), primary_key=True)
    guide_id: Mapped[UUID | None] = mapped_column(ForeignKey("staff.id"))
    reason: Mapped[Code]
    policy_version: Mapped[int]
    candidates: Mapped[JsonList]
    decided_at: Mapped[At]
