"""Approving a pay period, once its statements are decided on."""

from datetime import datetime
from uuid import UUID

from commissions import queries, service
from commissions.queries.periods import get_period
from kit import locks
from kit.errors import Conflict
from models import PayPeriod
from settlements.queries.undecided import has_undecided


class StatementsUndecided(Conflict):
    """Statements of the period's settlement are in review, rejected, or not made yet."""

    code = "statements_undecided"


def approve_period(*, period_id: UUID, by: UUID, now: datetime) -> PayPeriod:
    """Fix what was posted for the period; a trigger refuses it, too, while statements are undecided.

    Raises PayPeriodNotFound, PeriodStateForbids, SelfApproval, EarlierPeriodOpen, StatementsUndecided.
    """
    locks.hold(queries.VERSIONS_LOCK)
    period = get_period(period_id)
    if period.state == "in_review" and has_undecided(period):
        raise StatementsUndecided
    return service.approve_period(period_id=period_id, by=by, now=now)
