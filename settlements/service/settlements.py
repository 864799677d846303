"""Settling a pay period: created as a preview, closed, its statements made, approved."""

from datetime import date, datetime, timedelta
from uuid import UUID

from flask import current_app
from sqlalchemy import update

from commissions import queries as ledger
from commissions.queries.periods import get_period, has_open_before
from commissions.service import closing, periods
from kit import clock, jobs, locks
from kit.db import db
from kit.errors import Conflict, Invalid
from kit.words import say
from models import Settlement, SettlementStep
from models.commissions_periods import EVERY_OTHER_STORE
from settlements.queries.due import Taking
from settlements.queries.reasons import find_why_empty
from settlements.queries.settlements import SettlementRow, find_by_period, find_period, lock_settlement, total
from settlements.rules.states import settlement_state
from settlements.service.statements import make_statements
from staff.queries.stores import Home

MAX_DAYS = 366


class SettlementExists(Conflict):
    """These days are settled already (`settlement_id`)."""

    code = "settlement_exists"


class PeriodNotOver(Conflict):
    """The period's last day is not over yet."""

    code = "period_not_over"


class BadSettlementDays(Invalid):
    """What is to be settled ends before it begins, or is longer than MAX_DAYS."""

    code = "bad_settlement_days"


def create_settlement(*, first_day: date, last_day: date, by: UUID, now: datetime) -> Settlement:
    """A settlement of every store's days, as a preview: nothing is posted.

    Raises BadSettlementDays, SettlementExists, PeriodOverlaps, LaterPeriodClosed.
    """
    if not timedelta(0) <= last_day - first_day < timedelta(days=MAX_DAYS):
        raise BadSettlementDays(say("bad_settlement_days", days=MAX_DAYS))
    locks.hold("settlements")
    period = find_period(first_day, last_day, EVERY_OTHER_STORE)
    if period and (held := find_by_period(period.id)):
        raise SettlementExists(settlement_id=held)
    period = period or periods.create_period(first_day=first_day, last_day=last_day)
    settlement = Settlement(period_id=period.id, created_by=by, created_at=now)
    db.session.add(settlement)
    db.session.flush()
    note_step(settlement.id, "create", period.state, by=by, now=now)
    return settlement


def begin_closing(*, settlement_id: UUID, by: UUID, now: datetime) -> None:
    """Have a worker post what the period owes and make the statements; again before approval, what has changed.

    Raises SettlementNotFound, PeriodNotOver, EarlierPeriodOpen, PeriodStateForbids.
    """
    row = lock_settlement(settlement_id)
    if row.last_day >= clock.business_day(now, Home().time_zone):
        raise PeriodNotOver
    if has_open_before(get_period(row.period_id)):
        raise closing.EarlierPeriodOpen
    period = closing.begin_closing(period_id=row.period_id, by=by, now=now)
    note_step(settlement_id, "close", period.state, by=by, now=now)
    jobs.enqueue("settlements.jobs:close_settlement", settlement_id=str(settlement_id))


def close_settlement(*, settlement_id: UUID, now: datetime) -> int:
    """Post what the period owes and put on statements what is due; how many entries were put on them.

    Does nothing to a settlement that nobody closes. Raises SettlementNotFound.
    """
    # Nobody posts meanwhile: what is counted is what is there.
    locks.hold(ledger.VERSIONS_LOCK)
    row = lock_settlement(settlement_id)
    if row.period_state not in ("closing", "in_review"):
        return 0
    closing.close_period(period_id=row.period_id, now=now)
    taking = taking_of(row, now=now)
    # Asked before anything is taken: afterwards nothing is due in any case.
    why = find_why_empty(taking)
    taken = make_statements(taking)
    values = {"counted_at": now, "empty_because": [] if total(settlement_id) else why}
    db.session.execute(update(Settlement).where(Settlement.id == settlement_id).values(**values))
    return taken


def taking_of(row: SettlementRow, *, now: datetime) -> Taking:
    """What a settlement takes when it is closed at `now`: matured are sales of before RETURN_WINDOW_DAYS ago."""
    today = clock.business_day(now, Home().time_zone)
    return Taking(
        settlement_id=row.id,
        group_code=row.group_code,
        first_day=row.first_day,
        last_day=row.last_day,
        matured_before=today - timedelta(days=current_app.config["RETURN_WINDOW_DAYS"]),
    )


def note_step(
    settlement_id: UUID,
    command: str,
    state: str,
    *,
    by: UUID,
    now: datetime,
    statement_id: UUID | None = None,
    reason: str | None = None,
) -> None:
    """Write down what somebody did to a settlement or a statement."""
    db.session.add(
        SettlementStep(
            settlement_id=settlement_id,
            statement_id=statement_id,
            command=command,
            state=state if statement_id else settlement_state(state),
            reason=reason,
            taken_by=by,
            taken_at=now,
        )
    )
