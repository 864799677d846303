"""What is earned: the double-entry ledger (plans: commissions_plans.py).

An entry moves a positive amount from one account to another, so a transaction cannot be unbalanced
(docs/adr/0002); triggers refuse every update, delete and truncate.
"""

from datetime import date
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Computed, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from kit.db import Base
from models.columns import At, Code, CreatedAt, Currency, Fen, Id, Number

ACCOUNT_KINDS = ("commission_expense", "guide_payable", "store_pool")
CAUSES = ("order", "period_rule", "pool", "contest", "guarantee", "adjustment", "settlement", "payout")
LATE_CLASSIFICATION = "late_classification"


class LedgerAccount(Base):
    """The chain's expense, or what it owes one guide or the pool of one store, in one currency."""

    __tablename__ = "ledger_account"
    __table_args__ = (
        UniqueConstraint("kind", "staff_id", "store_id", "currency", postgresql_nulls_not_distinct=True),
        CheckConstraint(f"kind IN {ACCOUNT_KINDS}", name="kind"),
        CheckConstraint(
            "(kind = 'guide_payable') = (staff_id IS NOT NULL) AND (kind = 'store_pool') = (store_id IS NOT NULL)",
            name="owner",
        ),
    )

    id: Mapped[Id]
    kind: Mapped[Code]
    staff_id: Mapped[UUID | None] = mapped_column(ForeignKey("staff.id"))
    store_id: Mapped[UUID | None] = mapped_column(ForeignKey("store.id"))
    currency: Mapped[Currency]


class LedgerTransaction(Base):
    """Why entries were posted together: the cause, and the id of what it was.

    Of an order, one revision of it, worked on once; of a period's rules, the period that was closed.
    """

    __tablename__ = "ledger_transaction"
    __table_args__ = (
        CheckConstraint(f"cause IN {CAUSES}", name="cause"),
        CheckConstraint("(cause = 'order') = (order_revision IS NOT NULL)", name="revision"),
        Index(None, "order_id"),
        Index(None, "created_at"),
    )

    id: Mapped[Id]
    cause: Mapped[Code]
    cause_id: Mapped[UUID]
    # What `cause_id` is where an order is the cause, so that it names one that there is.
    order_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("sales_order.id"), Computed("CASE WHEN cause = 'order' THEN cause_id END", persisted=True)
    )
    order_revision: Mapped[int | None]
    created_at: Mapped[CreatedAt]


class LedgerEntry(Base):
    """`amount_fen` moved from the debit to the credit account, for a guide or, without one, for a store's pool.

    `signed_fen` is what it means to them. `store_id` is where it was earned, or whose pool it is; `business_day` is
    the entry's own, set when it is posted. `sequence` counts the postings of one (line, who, rule): two workers cannot
    both post the same difference. `rate_bp` is of rules that pay one rate of net, `net_fen` what they pay it of.
    `period_ends` is the last day of the plan's period that a closing posted it for, and `because_order_id` the receipt
    that made it close anew. `rule_no` counts the rules of the version from 1; 0 is the plan's own limit.
    `reason` is what no receipt, attribution or plan explains: the line's SKU became known after it was posted.
    """

    __tablename__ = "ledger_entry"
    __table_args__ = (
        CheckConstraint("amount_fen > 0", name="amount"),
        CheckConstraint("abs(signed_fen) = amount_fen", name="signed"),
        CheckConstraint(f"reason = '{LATE_CLASSIFICATION}'", name="reason"),
        CheckConstraint("debit_account_id <> credit_account_id", name="accounts"),
        CheckConstraint("(plan_version_id IS NULL) = (rule_no IS NULL)", name="rule"),
        Index(
            "ix_ledger_entry_once",
            *("order_line_id", "guide_id", "store_id", "plan_version_id", "rule_no", "period_ends", "sequence"),
            unique=True,
            postgresql_nulls_not_distinct=True,
            postgresql_where="plan_version_id IS NOT NULL",
        ),
        Index(None, "guide_id", "business_day", "id"),
        Index(None, "business_day", "id"),
        Index(None, "store_id", "business_day"),
        Index(None, "transaction_id"),
        Index("ix_ledger_entry_period", "plan_version_id", "period_ends", postgresql_where="period_ends IS NOT NULL"),
    )

    id: Mapped[Number]
    transaction_id: Mapped[UUID] = mapped_column(ForeignKey("ledger_transaction.id"))
    debit_account_id: Mapped[UUID] = mapped_column(ForeignKey("ledger_account.id"))
    credit_account_id: Mapped[UUID] = mapped_column(ForeignKey("ledger_account.id"))
    amount_fen: Mapped[Fen]
    signed_fen: Mapped[Fen]
    currency: Mapped[Currency]
    order_line_id: Mapped[UUID | None] = mapped_column(ForeignKey("order_line.id"))
    guide_id: Mapped[UUID | None] = mapped_column(ForeignKey("staff.id"))
    store_id: Mapped[UUID] = mapped_column(ForeignKey("store.id"))
    plan_version_id: Mapped[UUID | None] = mapped_column(ForeignKey("plan_version.id"))
    rule_no: Mapped[int | None]
    net_fen: Mapped[int | None] = mapped_column(BigInteger)
    rate_bp: Mapped[int | None]
    sequence: Mapped[int]
    business_day: Mapped[date]
    period_ends: Mapped[date | None]
    because_order_id: Mapped[UUID | None] = mapped_column(ForeignKey("sales_order.id"))
    decision_id: Mapped[UUID | None]
    reason: Mapped[Code | None]


class OrderPosting(Base):
    """The revision of an order that the ledger last worked on; behind it, work is owed.

    Revision 0 is owed again: another plan version holds, or it could not be posted.
    """

    __tablename__ = "order_posting"
    __table_args__ = (Index("ix_order_posting_owed_again", "order_id", postgresql_where="revision = 0"),)

    order_id: Mapped[UUID] = mapped_column(ForeignKey("sales_order.id"), primary_key=True)
    revision: Mapped[int]


class PostingSettled(Base):
    """Every order that changed before is posted, or owed again (`OrderPosting`); the one row."""

    __tablename__ = "posting_settled"
    __table_args__ = (CheckConstraint("id = 'orders'", name="one"),)

    id: Mapped[Code] = mapped_column(primary_key=True)
    until: Mapped[At]
