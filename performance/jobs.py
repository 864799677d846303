"""Computing the figures of days in the background."""

from datetime import date, timedelta

from kit import clock
from kit.jobs import enqueue, job
from performance import service

NIGHTLY_DAYS = 3


@job(queue="default", units="one")
def close_day(day: str) -> None:
    """Rebuild every figure of business day `day` (ISO date); safe to run again."""
    service.rebuild_days(date.fromisoformat(day), date.fromisoformat(day))


@job(queue="default", units="one")
def close_owed(day: str) -> None:
    """Rebuild the figures of business day `day` (ISO date) where facts changed; safe to run again."""
    service.rebuild_owed(date.fromisoformat(day))


@job(queue="default", units="one", cron="10 4,10,16,22 * * *")
def close_days() -> None:
    """Queue the last three days once more, whatever the sweep believes of them."""
    today = clock.now().date()
    for ago in range(NIGHTLY_DAYS):
        day = (today - timedelta(days=ago)).isoformat()
        enqueue(close_day, once_key=day, day=day)


@job(queue="default", units="one", every=30)
def close_stale_days() -> None:
    """Queue every day of which some store's facts changed since its figures were computed."""
    now = clock.now()
    service.note_changes(now=now)
    for day in service.list_due_days(now=now):
        enqueue(close_owed, once_key=day.isoformat(), day=day.isoformat())


@job(queue="bulk", units="one")
def close_range(from_day: str, to_day: str) -> None:
    """Queue each day from `from_day` to `to_day` (ISO dates), after a load of history."""
    day, last = date.fromisoformat(from_day), date.fromisoformat(to_day)
    while day <= last:
        enqueue(close_day, once_key=day.isoformat(), day=day.isoformat())
        day += timedelta(days=1)
