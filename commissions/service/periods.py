"""Pay periods, one after the other."""

from datetime import date

from sqlalchemy import func, select

from kit import locks
from kit.db import db
from kit.errors import Conflict
from models import PayPeriod
from models.commissions_periods import CLOSED_STATES, EVERY_OTHER_STORE


class PeriodOverlaps(Conflict):
    """Days of it are in another period."""

    code = "pay_period_overlaps"


class LaterPeriodClosed(Conflict):
    """A period after it is approved already: nothing is posted on its days any more."""

    code = "later_period_closed"


def create_period(*, first_day: date, last_day: date) -> PayPeriod:
    """An open period of every store that is in no group of its own; raises PeriodOverlaps, LaterPeriodClosed."""
    locks.hold("pay periods")
    of_group = PayPeriod.group_code == EVERY_OTHER_STORE
    overlapping = (PayPeriod.first_day <= last_day, PayPeriod.last_day >= first_day)
    if db.session.scalars(select(PayPeriod.id).where(of_group, *overlapping).limit(1)).first():
        raise PeriodOverlaps
    closed = select(func.max(PayPeriod.last_day)).where(of_group, PayPeriod.state.in_(CLOSED_STATES))
    closed_until = db.session.scalar(closed)
    if closed_until and first_day <= closed_until:
        raise LaterPeriodClosed
    period = PayPeriod(group_code=EVERY_OTHER_STORE, first_day=first_day, last_day=last_day)
    db.session.add(period)
    db.session.flush()
    return period
