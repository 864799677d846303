"""What is earned: the double-entry ledger (plans: commissions_plans.py).

An entry moves a positive amount from one account to another, so a transaction cannot be unbalanced
(docs/adr/0002); triggers refuse every update, delete and truncate.
"""

from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from kit.db import Base
from models.columns import At, Code, CreatedAt, Currency, Fen, Id, Number

ACCOUNT_KINDS = ("commission_expense", "guide_payable")
LATE_CLASSIFICATION = "late_classification"


class LedgerAccount(Base):
    """The chain's expense, or what it owes one guide, in one currency."""

    __tablename__ = "ledger_account"
    __table_args__ = (
        UniqueConstraint("kind", "staff_id", "currency", postgresql_nulls_not_distinct=True),
        CheckConstraint(f"kind IN {ACCOUNT_KINDS}", name="kind"),
        CheckConstraint("(kind = 'guide_payable') = (staff_id IS NOT NULL)", name="owner"),
    )

    id: Mapped[Id]
    kind: Mapped[Code]
    staff_id: Mapped[UUID | None] = mapped_column(ForeignKey("staff.id"))
    currency: Mapped[Currency]


class LedgerTransaction(Base):
    """Why entries were posted together: one revision of one order, worked on once."""

    __tablename__ = "ledger_transaction"
    __table_args__ = (Index(None, "order_id"), Index(None, "created_at"))

    id: Mapped[Id]
    order_id: Mapped[UUID] = mapped_column(ForeignKey("sales_order.id"))
    order_revision: Mapped[int]
    created_at: Mapped[CreatedAt]


class LedgerEntry(Base):
    """`amount_fen` moved from the debit to the credit account, for a line, a guide and a rule.

    `sequence` counts the postings of one (line, guide, rule): two workers cannot both post the same difference.
    `reason` is what no receipt, attribution or plan explains: the line's SKU became known after it was posted.
    """

    __tablename__ = "ledger_entry"
    __table_args__ = (
        CheckConstraint("amount_fen > 0", name="amount"),
        CheckConstraint(f"reason = '{LATE_CLASSIFICATION}'", name="reason"),
        CheckConstraint("debit_account_id <> credit_account_id", name="accounts"),
        UniqueConstraint("order_line_id", "guide_id", "plan_version_id", "rule_no", "sequence"),
        Index(None, "guide_id", "business_at"),
        Index(None, "business_at"),
        Index(None, "transaction_id"),
    )

    id: Mapped[Number]
    transaction_id: Mapped[UUID] = mapped_column(ForeignKey("ledger_transaction.id"))
    debit_account_id: Mapped[UUID] = mapped_column(ForeignKey("ledger_account.id"))
    credit_account_id: Mapped[UUID] = mapped_column(ForeignKey("ledger_account.id"))
    amount_fen: Mapped[Fen]
    currency: Mapped[Currency]
    order_line_id: Mapped[UUID] = mapped_column(ForeignKey("order_line.id"))
    guide_id: Mapped[UUID] = mapped_column(ForeignKey("staff.id"))
    plan_version_id: Mapped[UUID] = mapped_column(ForeignKey("plan_version.id"))
    rule_no: Mapped[int]
    net_fen: Mapped[Fen]
    rate_bp: Mapped[int]
    sequence: Mapped[int]
    business_at: Mapped[At]
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
