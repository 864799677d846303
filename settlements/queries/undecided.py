"""Whether a period still waits for people."""

from sqlalchemy import func, or_, select

from kit.db import db
from models import PayPeriod, Settlement, Statement
from models.settlements import UNDECIDED_STATES


def has_undecided(period: PayPeriod) -> bool:
    """Whether somebody has to decide on statements of the period, or a worker still has to make them."""
    undecided = select(Statement.id).where(
        Statement.settlement_id == Settlement.id, Statement.state.in_(UNDECIDED_STATES)
    )
    uncounted = func.coalesce(Settlement.counted_at < PayPeriod.closed_at, Settlement.counted_at.is_(None))
    wanted = select(Settlement.id).join(PayPeriod, PayPeriod.id == Settlement.period_id)
    wanted = wanted.where(PayPeriod.id == period.id, or_(uncounted, undecided.exists()))
    return db.session.scalars(wanted.limit(1)).first() is not None
