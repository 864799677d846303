"""Orders and refunds that were not taken, for somebody to mend."""

from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from kit.db import Base
from models.columns import At, Code, Id, Words
from models.orders import RECEIPT_KINDS


class OrderReject(Base):
    """What a source sent in vain, the newest of each order or refund, until a sound version of it is taken.

    `name_key` is what it calls itself, or what it says where it has no name. The item is sealed: what cannot be read
    may hold anything. `whole` unless it was too long to be kept.
    """

    __tablename__ = "order_reject"
    __table_args__ = (
        UniqueConstraint("source_id", "receipt_kind", "name_key"),
        CheckConstraint(f"receipt_kind IN {RECEIPT_KINDS}", name="receipt_kind"),
        CheckConstraint("times > 0", name="times"),
        Index(None, "source_id", "id"),
        Index(None, "last_at"),
        Index("ix_order_reject_unknown_seller", "store_id", "id", postgresql_where="code = 'unknown_guide'"),
    )

    id: Mapped[Id]
    source_id: Mapped[UUID] = mapped_column(ForeignKey("source.id"))
    receipt_kind: Mapped[Code]
    name_key: Mapped[str] = mapped_column(String(140))
    external_id: Mapped[str | None] = mapped_column(String(128))
    source_version: Mapped[int | None] = mapped_column(BigInteger)
    store_id: Mapped[UUID | None] = mapped_column(ForeignKey("store.id"))
    code: Mapped[Code]
    said: Mapped[Words]
    sealed_item: Mapped[bytes] = mapped_column(LargeBinary)
    item_digest: Mapped[int] = mapped_column(BigInteger)
    whole: Mapped[bool]
    times: Mapped[int] = mapped_column(server_default="1")
    first_at: Mapped[At]
    last_at: Mapped[At]
