"""Who is served, and by whom."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import DateTime, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from kit.db import Base
from models.columns import At, Code, CreatedAt, Id


class Customer(Base):
    """A member of the chain, known by the member number that tills send. Holds no personal data."""

    __tablename__ = "customer"

    id: Mapped[Id]
    member_no: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[CreatedAt]


class Binding(Base):
    """A customer's own guide, from `bound_at` until `ended_at`; at most one live binding per customer."""

    __tablename__ = "binding"
    __table_args__ = (
        Index("uq_binding_live", "customer_id", unique=True, postgresql_where="ended_at IS NULL"),
        Index(None, "guide_id", "bound_at"),
    )

    id: Mapped[Id]
    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customer.id"), index=True)
    guide_id: Mapped[UUID] = mapped_column(ForeignKey("staff.id"))
    store_id: Mapped[UUID] = mapped_column(ForeignKey("store.id"))
    reason: Mapped[Code]
    bound_at: Mapped[At]
    ended_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
