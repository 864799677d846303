"""Statements, as a closing makes them."""

from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import select, update

from kit import clock
from kit.db import db, unit_of_work
from models import LedgerEntry, Settlement, SettlementStep, Staff, Statement, StatementEntry
from tests.make.commissions import pay_period
from tests.make.rows import save
from tests.make.staff import staff


def statement(guide: Staff, **columns: object) -> Statement:
    """A statement of all that a guide has earned, in a settlement of the year until tomorrow."""
    settlement = db.session.scalars(select(Settlement)).first() or _settlement()
    entries = db.session.scalars(select(LedgerEntry).where(LedgerEntry.guide_id == guide.id)).all()
    earned = sum(entry.signed_fen for entry in entries)
    own = {"settlement_id": settlement.id, "guide_id": guide.id, "store_id": guide.store_id, "currency": "CNY"}
    made = save(Statement(**own, accrued_fen=earned, payable_fen=earned))
    for entry in entries:
        save(StatementEntry(entry_id=entry.id, statement_id=made.id))
    if columns:
        with unit_of_work():
            db.session.execute(update(Statement).where(Statement.id == made.id).values(columns))
    return made


def _settlement() -> Settlement:
    tomorrow = clock.now().date() + timedelta(days=1)
    period = pay_period(date(tomorrow.year - 1, 1, 1), tomorrow, state="in_review")
    by: UUID = staff(roles=["hq_commission"]).id
    made = save(Settlement(period_id=period.id, created_by=by, created_at=clock.now()))
    step = {"command": "close", "state": "in_review", "taken_by": by, "taken_at": clock.now()}
    save(SettlementStep(settlement_id=made.id, **step))
    return made
