"""Who is served, and by whom."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Computed, DateTime, ForeignKey, Index, LargeBinary, String, Uuid, func, text
from sqlalchemy.orm import Mapped, mapped_column

from kit.db import Base
from models.columns import At, Code, CreatedAt, Id, Json, RowVersion, Texts, key_of

IDENTITY_KINDS = ("phone", "wecom", "wechat_union", "mall", "email")
# Where a word about a customer comes from.
TAG_ORIGINS = ("person", "rule", "purchase", "import")


class Customer(Base):
    """Someone the chain serves; tills know members by `member_no`, which says nothing of the person.

    `sealed_profile` is their personal data, as encrypted JSON; `profile_fields` names what it holds.
    """

    __tablename__ = "customer"
    __table_args__ = (
        CheckConstraint("member_no_key <> ''", name="member_no"),
        CheckConstraint("merged_into_id <> id", name="merged_into_another"),
        CheckConstraint(
            "erased_at IS NULL OR (sealed_profile IS NULL AND member_no IS NULL AND profile_fields = '{}')",
            name="erased_is_empty",
        ),
        # A store's customers, newest first; a manager's list reads no further than its page.
        Index(
            "ix_customer_of_store",
            "store_id",
            "id",
            postgresql_where=text("merged_into_id IS NULL AND erased_at IS NULL"),
        ),
        Index("ix_customer_erased", "id", postgresql_where=text("erased_at IS NOT NULL")),
    )

    id: Mapped[Id]
    member_no: Mapped[str | None] = mapped_column(String(64))
    member_no_key: Mapped[str | None] = key_of("member_no")
    store_id: Mapped[UUID | None] = mapped_column(ForeignKey("store.id"))
    origin: Mapped[Code] = mapped_column(server_default="till")
    sealed_profile: Mapped[bytes | None] = mapped_column(LargeBinary)
    profile_fields: Mapped[Texts]
    merged_into_id: Mapped[UUID | None] = mapped_column(ForeignKey("customer.id"))
    # Who this really is: the person themselves, or who they were merged into. The database keeps it.
    person_id: Mapped[UUID] = mapped_column(
        Uuid, Computed("coalesce(merged_into_id, id)", persisted=True), index=True, deferred=True
    )
    erased_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    created_at: Mapped[CreatedAt]
    updated_at: Mapped[At] = mapped_column(server_default=func.now())
    version: Mapped[RowVersion]


class CustomerIdentity(Base):
    """How a channel knows a customer: `blind_index` finds it (kit/sealing.py), `sealed_value` tells it.

    A phone may be shared by several people; every other identity is one customer's.
    """

    __tablename__ = "customer_identity"
    __table_args__ = (
        CheckConstraint(f"kind IN {IDENTITY_KINDS}", name="kind"),
        Index("uq_customer_identity_one", "kind", "blind_index", unique=True, postgresql_where="kind <> 'phone'"),
        # With the customer, so that those who share one are found without a look at the table.
        Index("ix_customer_identity_phone", "blind_index", "customer_id", postgresql_where="kind = 'phone'"),
    )

    id: Mapped[Id]
    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customer.id"), index=True)
    kind: Mapped[Code]
    blind_index: Mapped[bytes] = mapped_column(LargeBinary)
    sealed_value: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[CreatedAt]


class Binding(Base):
    """A customer's own guide, from `bound_at` until `ended_at`; at most one live binding per customer.

    It is a claim, which earns nothing, until somebody other than the guide confirms it (customers/rules/bindings.py).
    """

    __tablename__ = "binding"
    __table_args__ = (
        CheckConstraint("ended_at >= bound_at", name="dates"),
        CheckConstraint("(confirmed_at IS NULL) = (confirmed_how IS NULL)", name="confirmed"),
        CheckConstraint("confirmed_how IN ('till', 'channel', 'scan', 'manager', 'import')", name="confirmed_how"),
        Index("uq_binding_live", "customer_id", unique=True, postgresql_where="ended_at IS NULL"),
        Index(None, "guide_id", "confirmed_at"),
        Index(None, "confirmed_at"),
        Index("ix_binding_live_of_guide", "guide_id", "customer_id", postgresql_where=text("ended_at IS NULL")),
    )

    id: Mapped[Id]
    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customer.id"), index=True)
    guide_id: Mapped[UUID] = mapped_column(ForeignKey("staff.id"))
    store_id: Mapped[UUID] = mapped_column(ForeignKey("store.id"))
    reason: Mapped[Code]  # how it came about
    reference_id: Mapped[UUID | None]  # through what: a forward, an order, a transfer
    bound_by: Mapped[UUID | None]  # who did it by hand: a member of staff or an API key
    bound_at: Mapped[At]
    protected_until: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    confirmed_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    confirmed_how: Mapped[Code | None]
    ended_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    ended_reason: Mapped[Code | None]


class CustomerTag(Base):
    """A word about a customer, from `created_at` until `removed_at`, and where it came from.

    `set_by` and `removed_by` are the members of staff, null for machines.
    """

    __tablename__ = "customer_tag"
    __table_args__ = (
        CheckConstraint(f"origin IN {TAG_ORIGINS}", name="origin"),
        Index("uq_customer_tag_live", "customer_id", "tag", unique=True, postgresql_where=text("removed_at IS NULL")),
        Index("ix_customer_tag_live_by_tag", "tag", "customer_id", postgresql_where=text("removed_at IS NULL")),
    )

    id: Mapped[Id]
    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customer.id"), index=True)
    tag: Mapped[Code]
    origin: Mapped[Code]
    set_by: Mapped[UUID | None] = mapped_column(ForeignKey("staff.id"))
    created_at: Mapped[At]
    removed_by: Mapped[UUID | None] = mapped_column(ForeignKey("staff.id"))
    removed_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class CustomerMerge(Base):
    """That two customers were found to be one person; `moved` counts and names what changed hands."""

    __tablename__ = "customer_merge"

    id: Mapped[Id]
    survivor_id: Mapped[UUID] = mapped_column(ForeignKey("customer.id"), index=True)
    loser_id: Mapped[UUID] = mapped_column(ForeignKey("customer.id"), unique=True)
    merged_by: Mapped[UUID | None] = mapped_column(ForeignKey("staff.id"))
    reason: Mapped[Code]
    moved: Mapped[Json]
    merged_at: Mapped[At]


class CustomerReveal(Base):
    """That a member of staff was shown a customer's personal data plain."""

    __tablename__ = "customer_reveal"
    __table_args__ = (Index(None, "staff_id", "revealed_at"),)

    id: Mapped[Id]
    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customer.id"), index=True)
    staff_id: Mapped[UUID] = mapped_column(ForeignKey("staff.id"))
    reason: Mapped[Code]
    reference_id: Mapped[UUID | None] = mapped_column(unique=True)  # the message in which the name stands
    revealed_at: Mapped[At]
