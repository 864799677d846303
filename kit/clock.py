"""The only reader of the clock."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo


def now() -> datetime:
    """The present instant, UTC, aware."""
    return datetime.now(UTC)


def business_day(at: datetime, zone: str) -> date:
    """The calendar day of `at` in the IANA time zone `zone`, which is the store's."""
    return at.astimezone(ZoneInfo(zone)).date()
