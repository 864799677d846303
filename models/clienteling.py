"""What guides do for customers one by one, and what their facts add up to."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, DateTime, ForeignKey, Index, LargeBinary, SmallInteger
from sqlalchemy.orm import Mapped, mapped_column

from kit.db import Base
from models.columns import At, Code, CreatedAt, Currency, Fen, Id, Json, Name, Number, RowVersion

FOLLOW_UP_CHANNELS = ("wecom", "wechat", "call", "sms", "email", "store", "other")
FOLLOW_UP_OUTCOMES = (
    "reached",
    "no_answer",
    "interested",
    "not_interested",
    "appointment",
    "bought",
    "complained",
    "wrong_contact",
)
# Of those who bought; who never did has no figures, and is a `prospect`.
STAGES = ("new", "active", "at_risk", "lapsed", "lost")


class FollowUp(Base):
    """What a guide did for a customer, and when next; its id is chosen by the app, so that offline work counts once.

    Never edited: a correction is a further row that names the one it stands for. The note is sealed (kit/sealing.py)
    and taken away when the customer is erased.
    """

    __tablename__ = "follow_up"
    __table_args__ = (
        CheckConstraint(f"channel IN {FOLLOW_UP_CHANNELS}", name="channel"),
        CheckConstraint(f"outcome IN {FOLLOW_UP_OUTCOMES}", name="outcome"),
        CheckConstraint("corrects_id <> id", name="corrects_another"),
        Index(None, "customer_id", "at"),
        Index(None, "guide_id", "at"),
        Index(None, "store_id", "at"),
        Index(None, "at", "id"),
        Index(None, "created_at"),
        Index("ix_follow_up_next_on", "next_on", postgresql_where="next_on IS NOT NULL"),
    )

    id: Mapped[Id]
    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customer.id"))
    guide_id: Mapped[UUID] = mapped_column(ForeignKey("staff.id"))
    store_id: Mapped[UUID] = mapped_column(ForeignKey("store.id"))
    at: Mapped[At]
    channel: Mapped[Code]
    outcome: Mapped[Code]
    sealed_note: Mapped[bytes | None] = mapped_column(LargeBinary)
    next_on: Mapped[date | None]
    corrects_id: Mapped[UUID | None] = mapped_column(ForeignKey("follow_up.id"), unique=True)
    created_at: Mapped[CreatedAt]


class LifeCycle(Base):
    """From when on which day limits hold for windows and stages; the newest row holds."""

    __tablename__ = "life_cycle"
    __table_args__ = (
        CheckConstraint("window_days > 0 AND new_days > 0", name="positive"),
        CheckConstraint("0 < active_days AND active_days < at_risk_days AND at_risk_days < lapsed_days", name="order"),
    )

    id: Mapped[Id]
    window_days: Mapped[int]
    new_days: Mapped[int]
    active_days: Mapped[int]
    at_risk_days: Mapped[int]
    lapsed_days: Mapped[int]
    created_by: Mapped[UUID] = mapped_column(ForeignKey("staff.id"))
    created_at: Mapped[At]


class CustomerFigures(Base):
    """What a person's orders in one currency add up to, as of the day in `figures_state`: derived, never edited.

    `orders` and `net_fen` are of the window; scores are null for who did not buy in it; `stage` is of all currencies.
    """

    __tablename__ = "customer_figures"
    __table_args__ = (
        CheckConstraint(f"stage IN {STAGES}", name="stage"),
        CheckConstraint("(orders > 0) = (num_nonnulls(recency, frequency, monetary) = 3)", name="scores"),
    )

    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customer.id"), primary_key=True)
    currency: Mapped[Currency] = mapped_column(primary_key=True)
    orders: Mapped[int]
    net_fen: Mapped[Fen]
    first_order_on: Mapped[date]
    last_order_on: Mapped[date]
    recency: Mapped[int | None] = mapped_column(SmallInteger)
    frequency: Mapped[int | None] = mapped_column(SmallInteger)
    monetary: Mapped[int | None] = mapped_column(SmallInteger)
    stage: Mapped[Code]


class FiguresState(Base):
    """How far the stored figures of customers are: the one row says as of which day, by which limits, up to when."""

    __tablename__ = "figures_state"
    __table_args__ = (CheckConstraint("id = 'customers'", name="one"),)

    id: Mapped[Code] = mapped_column(primary_key=True)
    as_of: Mapped[date]
    limits: Mapped[Json]
    changed_until: Mapped[At]
    computed_at: Mapped[At]


class FiguresDebt(Base):
    """A customer whose orders became somebody else's, or who was merged or erased; triggers write it."""

    __tablename__ = "figures_debt"

    id: Mapped[Number]
    customer_id: Mapped[UUID]


class Segment(Base):
    """A filter that somebody saved; whose customers it finds is up to who asks. Shared ones everybody sees."""

    __tablename__ = "segment"
    __table_args__ = (Index(None, "created_by"),)

    id: Mapped[Id]
    name: Mapped[Name]
    filter: Mapped[Json]
    shared: Mapped[bool]
    created_by: Mapped[UUID] = mapped_column(ForeignKey("staff.id"))
    created_at: Mapped[At]
    updated_at: Mapped[At]
    archived_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    version: Mapped[RowVersion]
