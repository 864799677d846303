"""Who is told what, and what became of telling them."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, DateTime, ForeignKey, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from kit.db import Base
from models.columns import At, Code, CreatedAt, Id, Json, Name, Number, RowVersion, Texts, Words

DELIVERY_STATES = ("pending", "delivered", "dead")


class WebhookSubscription(Base):
    """A receiver and the kinds of events it wants; its secrets are sealed, two live while one replaces the other."""

    __tablename__ = "webhook_subscription"

    id: Mapped[Id]
    name: Mapped[Name]
    url: Mapped[str] = mapped_column(String(500))
    kinds: Mapped[Texts]
    active: Mapped[bool]
    secrets: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[CreatedAt]
    version: Mapped[RowVersion]


class WebhookCursor(Base):
    """How far a feed of facts was read: all of a lower transaction, and of this one up to the id."""

    __tablename__ = "webhook_cursor"

    feed: Mapped[Code] = mapped_column(primary_key=True)
    transaction_id: Mapped[int] = mapped_column(BigInteger)
    fact_id: Mapped[int] = mapped_column(BigInteger)


class WebhookFact(Base):
    """An order, customer, content or ledger entry that a subscriber is to be told of, until it is in a delivery."""

    __tablename__ = "webhook_fact"

    id: Mapped[Number]
    kind: Mapped[Code]
    action: Mapped[Code]
    row_id: Mapped[Code]
    created_at: Mapped[CreatedAt]


class WebhookDelivery(Base):
    """One event for one receiver; pending until it answered 2xx, or dead after the last attempt."""

    __tablename__ = "webhook_delivery"
    __table_args__ = (
        UniqueConstraint("subscription_id", "event_key"),
        CheckConstraint(f"state IN {DELIVERY_STATES}", name="state"),
        Index("ix_webhook_delivery_due", "subscription_id", "due_at", postgresql_where="state = 'pending'"),
        Index(None, "state", "id"),
    )

    id: Mapped[Id]
    subscription_id: Mapped[UUID] = mapped_column(ForeignKey("webhook_subscription.id", ondelete="CASCADE"))
    kind: Mapped[Code]
    event_key: Mapped[str] = mapped_column(String(100))
    payload: Mapped[Json]
    state: Mapped[Code]
    attempts: Mapped[int]
    due_at: Mapped[At]
    last_status: Mapped[int | None]
    last_problem: Mapped[Words | None]
    occurred_at: Mapped[At]
    created_at: Mapped[CreatedAt]
    delivered_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
