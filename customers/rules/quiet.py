"""Quiet hours: wall-clock times in a time zone, across midnight and whatever summer time does."""

from datetime import datetime, time, timedelta
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)


class QuietHours(NamedTuple):
    """From `starts` until before `ends`, both HH:MM on the clocks of `zone` (IANA); equal times are none at all."""

    starts: str
    ends: str
    zone: str


def is_quiet(at: datetime, hours: QuietHours) -> bool:
    """Whether the clock on the wall shows quiet hours at the instant `at`."""
    shown = at.astimezone(ZoneInfo(hours.zone)).strftime("%H:%M")
    if hours.starts <= hours.ends:
        return hours.starts <= shown < hours.ends
    return shown >= hours.starts or shown < hours.ends


# A check asks for one instant and a few hours, hundreds of times.
@lru_cache(maxsize=1024)
def first_loud(at: datetime, hours: QuietHours) -> datetime:
    """The first instant from `at` on, to the minute, that is not in quiet hours; UTC."""
    if not is_quiet(at, hours):
        return at
    end = _end_by_an_even_clock(at, hours)
    zone = ZoneInfo(hours.zone)
    if end.astimezone(zone).utcoffset() == at.astimezone(zone).utcoffset():
        return end
    # On the two nights a year when clocks are put forward or back, walk.
    found = at.replace(second=0, microsecond=0) + MINUTE
    while is_quiet(found, hours):
        found += MINUTE
    return found


def _end_by_an_even_clock(at: datetime, hours: QuietHours) -> datetime:
    """When the clock on the wall next shows the end, if nobody puts it forward or back until then."""
    shown = at.astimezone(ZoneInfo(hours.zone)).replace(tzinfo=None)
    end = datetime.combine(shown.date(), time.fromisoformat(hours.ends))
    return at + (end - shown if end > shown else end - shown + DAY)
