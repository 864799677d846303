"""Posting in the background. A queued job is never the only record that work is owed: revisions are."""

from datetime import date, timedelta
from uuid import UUID

from commissions import service
from kit import clock
from kit.jobs import enqueue, job

RECENT = timedelta(hours=6)
CHUNK_ORDERS = 2_000


@job(queue="default", units="one", every=10)
def post_changed_orders() -> None:
    """Post orders that came in or changed lately, CHUNK_ORDERS at a time; workers share them."""
    if service.post_recent_orders(since=clock.now() - RECENT, limit=CHUNK_ORDERS) == CHUNK_ORDERS:
        enqueue(post_changed_orders)


@job(queue="bulk", units="one", cron="30 18 * * *")
def sweep_orders() -> None:
    """Have every business day posted that still has an order owed, however old."""
    for day in service.find_days_owed(now=clock.now()):
        enqueue(post_day, once_key=day.isoformat(), day=day.isoformat())


@job(queue="bulk", units="one")
def post_day(*, day: str) -> None:
    """Post what is owed of a business day (ISO date)."""
    service.post_day(date.fromisoformat(day))


@job(queue="bulk", units="one")
def close_period(*, period_id: str) -> None:
    """Post what a period (UUID) owes that somebody closes."""
    service.close_period(period_id=UUID(period_id), now=clock.now())


@job(queue="bulk", units="one", cron="20 * * * *")
def project_periods() -> None:
    """Have every open period counted, each for itself."""
    for period_id in service.begin_projections():
        enqueue(project_period, once_key=str(period_id), period_id=str(period_id))


@job(queue="bulk", units="one")
def project_period(*, period_id: str) -> None:
    """Count anew what closing a period (UUID) would post."""
    service.keep_projection(period_id=UUID(period_id), now=clock.now())
