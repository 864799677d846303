"""What customers allow, when they were contacted, and the chain's settings for both."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, DateTime, ForeignKey, Index, LargeBinary, String, func
from sqlalchemy.orm import Mapped, mapped_column

from kit.db import Base
from models.columns import At, Code, CreatedAt, Id, Json, RowVersion

CONTACT_CHANNELS = ("wecom", "wechat", "sms", "call", "email")
# `merge` is written when two customers turn out to be one.
CONSENT_ORIGINS = ("form", "page", "till", "import", "customer", "merge")
RECORDER_KINDS = ("staff", "integrator", "customer", "job")
POLICIES = ("contact", "binding")


class Consent(Base):
    """A customer's yes or no for one channel, with its proof; the newest by `given_at` holds.

    Appended; only the evidence is taken away when the customer is erased, and its keyed hash stays.
    """

    __tablename__ = "consent"
    __table_args__ = (
        CheckConstraint(f"channel IN {CONTACT_CHANNELS}", name="channel"),
        CheckConstraint(f"origin IN {CONSENT_ORIGINS}", name="origin"),
        CheckConstraint(f"recorder_kind IN {RECORDER_KINDS}", name="recorder_kind"),
        Index(None, "customer_id", "channel", "given_at", "id"),
    )

    id: Mapped[Id]
    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customer.id"))
    channel: Mapped[Code]
    granted: Mapped[bool]
    given_at: Mapped[At]
    origin: Mapped[Code]
    text_version: Mapped[Code | None]  # of the words that the customer agreed to
    sealed_evidence: Mapped[bytes | None] = mapped_column(LargeBinary)
    evidence_index: Mapped[bytes | None] = mapped_column(LargeBinary)
    recorder_kind: Mapped[Code]
    recorder_id: Mapped[UUID | None]  # a member of staff or an API key
    recorded_at: Mapped[CreatedAt]


class QuietHours(Base):
    """When a store's customers, or one customer, are left alone: HH:MM on the clocks of the customer's store."""

    __tablename__ = "quiet_hours"
    __table_args__ = (CheckConstraint("(store_id IS NULL) <> (customer_id IS NULL)", name="of_one"),)

    id: Mapped[Id]
    store_id: Mapped[UUID | None] = mapped_column(ForeignKey("store.id"), unique=True)
    customer_id: Mapped[UUID | None] = mapped_column(ForeignKey("customer.id"), unique=True)
    starts: Mapped[str] = mapped_column(String(5))
    ends: Mapped[str] = mapped_column(String(5))
    updated_at: Mapped[At] = mapped_column(server_default=func.now())


class Contact(Base):
    """A place in a customer's contact budget, held until `expires_at`, for good once sent, free again once released.

    Appended; `sent_at` and `released_at` are set once.
    """

    __tablename__ = "contact"
    __table_args__ = (
        CheckConstraint(f"channel IN {CONTACT_CHANNELS}", name="channel"),
        CheckConstraint("sent_at IS NULL OR released_at IS NULL OR released_at >= sent_at", name="steps"),
        Index(None, "customer_id", "reserved_at"),
        Index(None, "reference_id"),
    )

    id: Mapped[Id]
    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customer.id"))
    channel: Mapped[Code]
    guide_id: Mapped[UUID] = mapped_column(ForeignKey("staff.id"))
    reference_id: Mapped[UUID]  # what it is for: a forward, a follow-up
    reserved_at: Mapped[At]
    expires_at: Mapped[At]
    sent_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    released_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class CustomerPolicy(Base):
    """The chain's settings about contacts or bindings; what is missing is as customers/rules/policies.py says."""

    __tablename__ = "customer_policy"
    __table_args__ = (CheckConstraint(f"id IN {POLICIES}", name="id"),)

    id: Mapped[Code] = mapped_column(primary_key=True)
    settings: Mapped[Json]
    updated_at: Mapped[At] = mapped_column(server_default=func.now())
    version: Mapped[RowVersion]


class BindingTransfer(Base):
    """That a customer is to go over to another guide at `effective_at`, unless they refuse before.

    It waits until one of `refused_at`, `done_at`, `lapsed_at` is set: lapsed is one whose customer meanwhile became
    somebody else's, or whose new guide left.
    """

    __tablename__ = "binding_transfer"
    __table_args__ = (
        CheckConstraint("num_nonnulls(refused_at, done_at, lapsed_at) <= 1", name="one_end"),
        CheckConstraint("from_guide_id <> to_guide_id", name="to_another"),
        Index(
            "uq_binding_transfer_waiting",
            "customer_id",
            unique=True,
            postgresql_where="refused_at IS NULL AND done_at IS NULL AND lapsed_at IS NULL",
        ),
        Index(
            "ix_binding_transfer_due",
            "effective_at",
            postgresql_where="refused_at IS NULL AND done_at IS NULL AND lapsed_at IS NULL",
        ),
        Index(None, "customer_id", "requested_at"),
        Index(None, "to_guide_id"),
        Index(None, "from_guide_id"),
    )

    id: Mapped[Id]
    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customer.id"))
    from_guide_id: Mapped[UUID] = mapped_column(ForeignKey("staff.id"))
    to_guide_id: Mapped[UUID] = mapped_column(ForeignKey("staff.id"))
    reason: Mapped[str] = mapped_column(String(200))
    requested_by: Mapped[UUID]  # a member of staff or an API key
    requested_at: Mapped[At]
    effective_at: Mapped[At]
    refused_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    done_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    lapsed_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
