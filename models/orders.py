"""What was bought, and who gets credit for it."""

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, Integer, String, UniqueConstraint
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from kit.db import Base
from models.columns import At, Code, Currency, Fen, Id, Json, Number, RowVersion, Uuids, Version

RECEIPT_KINDS = ("sale", "refund")
LINE_KINDS = ("goods", "service", "stored_value", "gift_card", "deposit", "freight")
# What counts in sales. Stored value, gift cards and deposits are paid in advance for what is sold later, and counted
# then; freight is passed on.
SALES_KINDS = ("goods", "service")
# What may be doubtful about a line that takes back a sale which is known.
DOUBTS = ("more_pieces_than_sold", "more_money_than_paid", "no_such_order_line")
LATE = "classified_revision IS NOT NULL"
EXCHANGED = "exchange_external_id IS NOT NULL"


class Order(Base):
    """A receipt as its source last described it: of a sale, or of a refund (`Refund`), which counts below nothing.

    `net_fen` is what it adds to the sales of its own day; `net_sales_fen`, when what was given back is taken from the
    day of the sale: less its refunds, and nothing of a refund whose sale is known.
    `revision` counts the changes we took; upper rooms compare it with the revision they last worked on.
    """

    __tablename__ = "sales_order"
    __table_args__ = (
        UniqueConstraint("source_id", "receipt_kind", "external_id"),
        CheckConstraint(f"receipt_kind IN {RECEIPT_KINDS}", name="receipt_kind"),
        CheckConstraint("num_nulls(foreign_currency, rate_given, rate_worth) IN (0, 3)", name="rate"),
        Index(None, "business_day", "store_id"),
        Index(None, "store_id", "ordered_at", "id"),
        Index(None, "ordered_at", "id"),
        Index(None, "changed_at"),
        Index(None, "customer_id", "ordered_at"),
        Index("ix_sales_order_share_token", "share_token", postgresql_where="share_token IS NOT NULL"),
        Index("ix_sales_order_exchange", "source_id", "exchange_external_id", postgresql_where=EXCHANGED),
    )

    id: Mapped[Id]
    source_id: Mapped[UUID] = mapped_column(ForeignKey("source.id"))
    receipt_kind: Mapped[Code] = mapped_column(server_default="sale")
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
    net_sales_fen: Mapped[Fen]
    # The refund that a sale was given in exchange for, or the sale that a refund was exchanged for; of the same source.
    exchange_external_id: Mapped[str | None] = mapped_column(String(128))
    revision: Mapped[int] = mapped_column(Integer, server_default="1")
    changed_at: Mapped[At]
    # [{kind, amount}] in the receipt's currency, and of its discount [{amount, borne_by, name}]; null: none told.
    tenders: Mapped[list[Any] | None] = mapped_column(JSONB)
    coupons: Mapped[list[Any] | None] = mapped_column(JSONB)
    staff_purchase: Mapped[bool] = mapped_column(server_default="false")
    # Of a receipt in another currency than its store's: `rate_given` minor units of it are `rate_worth` of the store's.
    foreign_currency: Mapped[str | None] = mapped_column(String(3))
    rate_given: Mapped[int | None] = mapped_column(BigInteger)
    rate_worth: Mapped[int | None] = mapped_column(BigInteger)


class OrderLine(Base):
    """One line, with what was true when it was sold, or once its SKU was known; what was given back is negative.

    `paid_fen` was paid for it, tax included, its part of a discount on the receipt taken off. `net_fen` is what it adds
    to sales: without tax, and nothing for what is neither goods nor a service. Of a return, `original_line_id` is the
    line it takes back and `kept_fen` what is left of that after it, negative when more was given back than paid.
    """

    __tablename__ = "order_line"
    __table_args__ = (
        UniqueConstraint("order_id", "line_no"),
        Index("ix_order_line_unclassified", "sku_code", postgresql_where="sku_id IS NULL"),
        Index("ix_order_line_classified_late", "sku_id", "brand_id", "category_id", postgresql_where=LATE),
        Index("ix_order_line_original", "original_line_id", postgresql_where="original_line_id IS NOT NULL"),
        CheckConstraint(
            "least(quantity, paid_fen, net_fen) >= 0 OR greatest(quantity, paid_fen, net_fen) <= 0", name="one_sign"
        ),
        CheckConstraint(f"kind IN {LINE_KINDS}", name="kind"),
        CheckConstraint(f"kind IN {SALES_KINDS} OR (net_fen = 0 AND net_sales_fen = 0)", name="sales"),
        CheckConstraint("(original_line_id IS NULL) = (kept_fen IS NULL)", name="original"),
        CheckConstraint("cardinality(serving_guide_ids) = cardinality(serving_shares_bp)", name="serving"),
    )

    id: Mapped[Id]
    order_id: Mapped[UUID] = mapped_column(ForeignKey("sales_order.id"))
    line_no: Mapped[int] = mapped_column(BigInteger)
    # Where its source has those, `line_no` is made of it (orders.incoming.number_of).
    external_line_id: Mapped[str | None] = mapped_column(String(128))
    kind: Mapped[Code] = mapped_column(server_default="goods")
    # The SKU's own code once it is known; until then, what the source calls it.
    sku_code: Mapped[str] = mapped_column(String(128))
    told_code: Mapped[str | None] = mapped_column(String(128))  # what the source calls it, where that is another
    sku_id: Mapped[UUID | None] = mapped_column(ForeignKey("sku.id"))
    product_title: Mapped[str] = mapped_column(String(500))
    # As they stood on the SKU's product then: copies, whose foreign keys cost a third of taking orders in.
    brand_id: Mapped[UUID | None]
    category_id: Mapped[UUID | None]
    # Of the order, when a line that was sold before its SKU, brand or category was known was last classified; 0: never.
    classified_revision: Mapped[int | None]
    quantity: Mapped[int]
    discount_fen: Mapped[Fen]
    tax_fen: Mapped[Fen]
    paid_fen: Mapped[Fen]
    net_fen: Mapped[Fen]
    net_sales_fen: Mapped[Fen]
    # Of all pieces, where its source told; a return has none of its own.
    tag_fen: Mapped[int | None] = mapped_column(BigInteger)
    cost_fen: Mapped[int | None] = mapped_column(BigInteger)
    coupons: Mapped[list[Any] | None] = mapped_column(JSONB)  # as of Order
    # Of what is weighed, thousandths of the unit of its price; it counts as `quantity` pieces all the same.
    weight_milli: Mapped[int | None] = mapped_column(BigInteger)
    original_line_id: Mapped[UUID | None] = mapped_column(ForeignKey("order_line.id"))
    kept_fen: Mapped[int | None] = mapped_column(BigInteger)
    serving_guide_ids: Mapped[Uuids]
    serving_shares_bp: Mapped[list[int]] = mapped_column(ARRAY(BigInteger), server_default="{}")


class Refund(Base):
    """What a refund document says; what it comes to stands in its receipt (`Order`) and that one's lines.

    `whole`: it names no lines, and gives back all that is left of its order. `fee_fen` is kept by the shop.
    """

    __tablename__ = "refund"
    __table_args__ = (
        Index("ix_refund_original", "original_external_id", postgresql_where="original_external_id IS NOT NULL"),
        CheckConstraint("fee_fen >= 0", name="fee"),
        CheckConstraint("NOT whole OR original_external_id IS NOT NULL", name="whole"),
    )

    order_id: Mapped[UUID] = mapped_column(ForeignKey("sales_order.id"), primary_key=True)
    original_external_id: Mapped[str | None] = mapped_column(String(128))
    whole: Mapped[bool]
    fee_fen: Mapped[Fen]
    cancelled: Mapped[bool]
    reason: Mapped[str | None] = mapped_column(String(200))


class RefundLine(Base):
    """What is said of a line that takes back a sale, in a refund document or as a negative line of a receipt.

    It names the sale by what its source calls it, whether that has arrived or not. Positive; `amount_fen` null: by
    quantity; `tax_fen` null: as much as the sale's line has in it.
    """

    __tablename__ = "refund_line"
    __table_args__ = (
        Index("ix_refund_line_original", "original_external_id", postgresql_where="original_external_id IS NOT NULL"),
        CheckConstraint("least(quantity, amount_fen, tax_fen) >= 0", name="positive"),
        CheckConstraint(f"doubt IN {DOUBTS}", name="doubt"),
    )

    line_id: Mapped[UUID] = mapped_column(ForeignKey("order_line.id"), primary_key=True)
    original_external_id: Mapped[str | None] = mapped_column(String(128))
    original_line_no: Mapped[int | None] = mapped_column(BigInteger)
    sku_code: Mapped[str | None] = mapped_column(String(128))
    quantity: Mapped[int]
    amount_fen: Mapped[int | None] = mapped_column(BigInteger)
    tax_fen: Mapped[int | None] = mapped_column(BigInteger)
    # Found with all documents of the sale, and anew whenever one of them or the sale changes.
    doubt: Mapped[Code | None]


class OrderSettings(Base):
    """The chain's settings about orders, in one row; what is missing is as orders/rules/settings.py says."""

    __tablename__ = "order_settings"
    __table_args__ = (CheckConstraint("id = 1", name="id"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    settings: Mapped[Json]
    updated_at: Mapped[At]
    version: Mapped[RowVersion]


class OrderMove(Base):
    """The store and day an order was on before its source moved it; a trigger on `sales_order` writes it."""

    __tablename__ = "order_move"

    id: Mapped[Number]
    day: Mapped[date]
    store_id: Mapped[UUID] = mapped_column(ForeignKey("store.id"))
    moved_at: Mapped[At] = mapped_column(index=True)
