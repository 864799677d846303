"""The periods that pay is closed by: of groups of stores, one after the other, and what each plan posted for them."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, DateTime, ForeignKey, Index, column, text
from sqlalchemy.dialects.postgresql import ExcludeConstraint
from sqlalchemy.orm import Mapped, mapped_column

from kit.db import Base
from models.columns import At, Code, CreatedAt, Currency, Fen, Id, Number

# The group of every store that is in no other.
EVERY_OTHER_STORE = "chain"
PERIOD_STATES = ("open", "closing", "in_review", "approved", "paid", "locked")
# Nothing is posted on their days any more.
CLOSED_STATES = ("approved", "paid", "locked")
DAYS = text("daterange(first_day, last_day, '[]')")


class PayGroupStore(Base):
    """That a store is paid with a group of stores: a legal entity, a brand, a city; others with EVERY_OTHER_STORE."""

    __tablename__ = "pay_group_store"
    __table_args__ = (Index(None, "group_code"),)

    id: Mapped[Id]
    store_id: Mapped[UUID] = mapped_column(ForeignKey("store.id"), unique=True)
    group_code: Mapped[Code]


class PayPeriod(Base):
    """Business days of a group, both ends counted, and how far their pay is; days without a period are open.

    `open` in the plan language means before approval. `closed_by` closed it last.
    """

    __tablename__ = "pay_period"
    __table_args__ = (
        CheckConstraint(f"state IN {PERIOD_STATES}", name="state"),
        CheckConstraint("first_day <= last_day", name="days"),
        CheckConstraint("(approved_by IS NULL) = (approved_at IS NULL)", name="approval"),
        CheckConstraint("approved_by <> closed_by", name="two_people"),
        ExcludeConstraint((column("group_code"), "="), (DAYS, "&&"), name="ex_pay_period_once", using="gist"),
        Index("ix_pay_period_closed", "group_code", "last_day", postgresql_where=f"state IN {CLOSED_STATES}"),
    )

    id: Mapped[Id]
    group_code: Mapped[Code]
    first_day: Mapped[date]
    last_day: Mapped[date]
    state: Mapped[Code] = mapped_column(server_default="open")
    closed_by: Mapped[UUID | None] = mapped_column(ForeignKey("staff.id"))
    closed_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    approved_by: Mapped[UUID | None] = mapped_column(ForeignKey("staff.id"))
    approved_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    # Of what came in until then the postings for the period are made.
    read_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    created_at: Mapped[CreatedAt]


class ProjectedPay(Base):
    """What closing an open period would post to a guide by a rule, in fen, as it was counted last; in no account.

    `rule_no` and `period_ends` are as in ledger entries.
    """

    __tablename__ = "projected_pay"
    __table_args__ = (Index(None, "period_id"), Index(None, "guide_id"))

    id: Mapped[Number]
    period_id: Mapped[UUID] = mapped_column(ForeignKey("pay_period.id"))
    plan_version_id: Mapped[UUID] = mapped_column(ForeignKey("plan_version.id"))
    period_ends: Mapped[date]
    rule_no: Mapped[int]
    cause: Mapped[Code]
    guide_id: Mapped[UUID] = mapped_column(ForeignKey("staff.id"))
    currency: Mapped[Currency]
    fen: Mapped[Fen]
    counted_at: Mapped[At]
