"""Postings of any amount, which the commissions room makes only from plans."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from kit import clock
from kit.db import db
from models import (
    LedgerAccount,
    LedgerEntry,
    LedgerTransaction,
    Order,
    OrderLine,
    PlanVersion,
    Staff,
)
from tests.make.commissions import plan_version
from tests.make.rows import next_number, save


def posting(order: Order, *, guide: Staff, amount_fen: int, line_no: int = 1, at: datetime | None = None) -> None:
    """Commission for a line, to the guide's account, or with a negative amount from it."""
    line = db.session.scalars(
        select(OrderLine).where(OrderLine.order_id == order.id, OrderLine.line_no == line_no)
    ).one()
    pot = _account("commission_expense", None, order.currency)
    own = _account("guide_payable", guide, order.currency)
    why = save(
        LedgerTransaction(cause="order", cause_id=order.id, order_revision=order.revision, created_at=at or clock.now())
    )
    debit, credit = (pot, own) if amount_fen > 0 else (own, pot)
    save(
        LedgerEntry(
            transaction_id=why.id,
            debit_account_id=debit.id,
            credit_account_id=credit.id,
            amount_fen=abs(amount_fen),
            signed_fen=amount_fen,
            currency=order.currency,
            order_line_id=line.id,
            guide_id=guide.id,
            store_id=order.store_id,
            plan_version_id=_plan_version_id(),
            rule_no=0,
            net_fen=line.net_fen,
            rate_bp=300,
            sequence=next_number(),
            business_day=order.business_day,
        )
    )


def _account(kind: str, owner: Staff | None, currency: str) -> LedgerAccount:
    wanted = {"kind": kind, "staff_id": owner.id if owner else None, "currency": currency}
    found = db.session.scalar(select(LedgerAccount).filter_by(**wanted))
    return found or save(LedgerAccount(**wanted))


def _plan_version_id() -> UUID:
    return db.session.scalar(select(PlanVersion.id).limit(1)) or plan_version().id
