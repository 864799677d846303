"""Which days can be a day of birth."""

from datetime import date, datetime, timedelta

EARLIEST = date(1900, 1, 1)
# Where the day begins first, it is that much ahead of UTC.
AHEAD = timedelta(hours=14)


def is_birthday(day: date, *, now: datetime) -> bool:
    """Whether somebody alive now may have been born on `day`, wherever they are."""
    return EARLIEST <= day <= (now + AHEAD).date()
