"""What keeps money off the statements, and why there may be none."""

from datetime import timedelta
from typing import NamedTuple

from sqlalchemy import func, select

from kit.db import db
from models import LedgerEntry, Order, OrderPosting, PlanVersion, StatementEntry
from settlements.queries.due import Taking, due, is_matured, unsettled

NO_PLAN, NOTHING_POSTED, ALL_SETTLED, NOT_MATURED = "no_plan", "nothing_posted", "all_settled", "not_matured"
ORDERS_OWED = "orders_not_posted"
REASONS = (NO_PLAN, NOTHING_POSTED, ALL_SETTLED, NOT_MATURED, ORDERS_OWED)


class Waiting(NamedTuple):
    """What is not settled yet: orders that are not posted, and entries of sales that can still be given back."""

    orders_not_posted: int
    entries_not_matured: int


def count_waiting(taking: Taking) -> Waiting:
    """What of the settlement's days and before is not on its statements, and would not be."""
    late = unsettled(taking).where(~is_matured(taking)).subquery()
    entries = db.session.scalar(select(func.count()).select_from(late)) or 0
    owed = (
        select(func.count(Order.id))
        .outerjoin(OrderPosting, OrderPosting.order_id == Order.id)
        .where(Order.business_day.between(taking.first_day, taking.last_day))
        .where(Order.revision > func.coalesce(OrderPosting.revision, 0))
    )
    return Waiting(db.session.scalar(owed) or 0, entries)


def find_why_empty(taking: Taking) -> list[str]:
    """Why the settlement finds nothing: codes of REASONS; none where it finds something."""
    if db.session.scalar(select(due(taking).limit(1).exists())):
        return []
    found = []
    in_force = select(PlanVersion.id).where(
        PlanVersion.approved_at.is_not(None), PlanVersion.effective_from < taking.last_day + timedelta(days=1)
    )
    if not db.session.scalar(select(in_force.exists())):
        found.append(NO_PLAN)
    on_days = select(LedgerEntry.id).where(LedgerEntry.business_day.between(taking.first_day, taking.last_day))
    settled = on_days.join(StatementEntry, StatementEntry.entry_id == LedgerEntry.id)
    waiting = count_waiting(taking)
    if waiting.entries_not_matured:
        found.append(NOT_MATURED)
    if not db.session.scalar(select(on_days.exists())):
        found.append(NOTHING_POSTED)
    elif db.session.scalar(select(settled.exists())) and not waiting.entries_not_matured:
        found.append(ALL_SETTLED)
    return [*found, *([ORDERS_OWED] if waiting.orders_not_posted else [])]
