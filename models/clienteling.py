"""What guides do for customers one by one, and what their facts add up to."""

from datetime import date
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from kit.db import Base
from models.columns import At, Code, CreatedAt, Id

FOLLOW_UP_CHANNELS = ("wecom", "wechat", "phone", "sms", "email", "store", "other")
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
