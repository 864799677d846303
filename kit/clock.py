"""The only reader of the clock."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo


def now() -> datetime:
    """The present instant, UTC, aware."""
    return datetime.now(UTC)


def business_day(at: datetime, zone: str) -> date:
    """The calendar day of `at` in the IANA time zone `zone`, which is the store's."""
    return at.astimezone(ZoneInfo(zone)).date()


def as_text(at: datetime) -> str:
    """`at` as answers write it: RFC 3339 in UTC with `Z`."""
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")
