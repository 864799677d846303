"""Computing the figures of days in the background."""

from datetime import date, timedelta

from kit import clock, jobs
from performance import queries, service

NIGHTLY_DAYS = 3


def close_day(day: str) -> None:
    """Rebuild every figure of business day `day` (ISO date); safe to run again."""
    service.rebuild_days(date.fromisoformat(day), date.fromisoformat(day))


def close_days() -> None:
    """Queue the last three days once more, whatever the sweep believes of them."""
    today = clock.now().date()
    for ago in range(NIGHTLY_DAYS):
        day = (today - timedelta(days=ago)).isoformat()
        jobs.enqueue("performance.jobs:close_day", queue="default", once_key=day, day=day)


def close_stale_days() -> None:
    """Queue every day with facts that changed since its figures were computed."""
    now = clock.now()
    service.note_changes(now=now)
    for day in queries.list_stale_days(now=now):
        jobs.enqueue("performance.jobs:close_day", queue="default", once_key=day, day=day)


def close_range(from_day: str, to_day: str) -> None:
    """Queue each day from `from_day` to `to_day` (ISO dates), after a load of history."""
    day, last = date.fromisoformat(from_day), date.fromisoformat(to_day)
    while day <= last:
        jobs.enqueue("performance.jobs:close_day", queue="bulk", once_key=day.isoformat(), day=day.isoformat())
        day += timedelta(days=1)
