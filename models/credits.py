"""Who gets credit for a line of an order: decisions, kept for ever, and what each of them gives to whom."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, DateTime, ForeignKey, Index, SmallInteger, String
from sqlalchemy.orm import Mapped, mapped_column

from kit.db import Base
from models.columns import At, Code, Id, JsonList

GUIDE_ROLES = ("seller", "serving", "sharing", "bound", "recruiting")
STORE_ROLES = ("home_store", "ordering_store", "fulfilling_store")
CREDIT_ROLES = (*GUIDE_ROLES, *STORE_ROLES)
# Why a line was decided on.
CAUSES = ("order", "claim", "policy", "touch")


class AttributionDecision(Base):
    """What was decided for a line, as its order stood at a revision, by a version of the policy.

    `candidates` are all who had a claim, with evidence and what became of it. What takes back a line that is known has
    none of its own: it rests on `original_decision_id`. `digest` is of candidates and credits: the same again is not
    another decision.
    """

    __tablename__ = "attribution_decision"
    __table_args__ = (
        Index(None, "line_id"),
        CheckConstraint(f"cause IN {CAUSES}", name="cause"),
        CheckConstraint("(reason = 'original') = (original_decision_id IS NOT NULL)", name="original"),
        CheckConstraint("(digest IS NULL) = (original_decision_id IS NOT NULL)", name="digest"),
    )

    id: Mapped[Id]
    line_id: Mapped[UUID] = mapped_column(ForeignKey("order_line.id"))
    order_revision: Mapped[int]
    policy_version: Mapped[int]
    cause: Mapped[Code]
    reason: Mapped[Code]
    candidates: Mapped[JsonList]
    original_decision_id: Mapped[UUID | None] = mapped_column(ForeignKey("attribution_decision.id"))
    digest: Mapped[int | None] = mapped_column(BigInteger)
    decided_at: Mapped[At]


class Credit(Base):
    """What a decision gives a guide or a store in a role, in basis points; those of a role are a whole.

    The `seller` role is whom the sale counts for. Money is split by largest remainder, and of equal remainders the
    smaller `place` (the staff number's) gets the odd fen. Line and time are the decision's, for finding what is a
    guide's; a trigger compares them instead of foreign keys, which would cost as much as the rows.
    """

    __tablename__ = "credit"
    __table_args__ = (
        Index("ix_credit_seller", "beneficiary_id", "decided_at", postgresql_where="role = 'seller'"),
        CheckConstraint(f"role IN {CREDIT_ROLES}", name="role"),
        CheckConstraint(f"(beneficiary_kind = 'store') = (role IN {STORE_ROLES})", name="kind"),
        CheckConstraint("beneficiary_kind IN ('guide', 'store')", name="beneficiary"),
        CheckConstraint("share_bp BETWEEN 1 AND 10000", name="share"),
    )

    decision_id: Mapped[UUID] = mapped_column(primary_key=True)
    role: Mapped[Code] = mapped_column(primary_key=True)
    beneficiary_id: Mapped[UUID] = mapped_column(primary_key=True)
    beneficiary_kind: Mapped[Code]
    place: Mapped[int] = mapped_column(SmallInteger)
    share_bp: Mapped[int]
    line_id: Mapped[UUID]
    decided_at: Mapped[At]


class Attribution(Base):
    """The decision that holds for a line now."""

    __tablename__ = "attribution"

    line_id: Mapped[UUID] = mapped_column(ForeignKey("order_line.id"), primary_key=True)
    decision_id: Mapped[UUID] = mapped_column(ForeignKey("attribution_decision.id"))


class CreditClaim(Base):
    """That a guide says a sale was theirs, `share_bp` of it, and what was decided: `accepted` null while it is open.

    An accepted one comes before every other claim to the line whenever that is decided on.
    """

    __tablename__ = "credit_claim"
    __table_args__ = (
        Index("uq_credit_claim_open", "line_id", unique=True, postgresql_where="accepted IS NULL"),
        Index("ix_credit_claim_accepted", "line_id", "decided_at", postgresql_where="accepted"),
        Index(None, "store_id", "created_at", "id"),
        Index(None, "guide_id", "created_at", "id"),
        Index(None, "created_at", "id"),
        CheckConstraint("share_bp BETWEEN 1 AND 10000", name="share"),
        CheckConstraint("num_nonnulls(accepted, decided_by, decided_at, explanation) IN (0, 4)", name="decision"),
        CheckConstraint("decided_by <> guide_id", name="two_people"),
    )

    id: Mapped[Id]
    line_id: Mapped[UUID] = mapped_column(ForeignKey("order_line.id"))
    store_id: Mapped[UUID] = mapped_column(ForeignKey("store.id"))
    guide_id: Mapped[UUID] = mapped_column(ForeignKey("staff.id"))
    share_bp: Mapped[int]
    evidence: Mapped[str] = mapped_column(String(2000))
    created_at: Mapped[At]
    accepted: Mapped[bool | None]
    explanation: Mapped[str | None] = mapped_column(String(500))
    decided_by: Mapped[UUID | None] = mapped_column(ForeignKey("staff.id"))
    decided_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
