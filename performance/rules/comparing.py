"""Which other days a period is compared with."""

from datetime import date, timedelta

COMPARISONS = ("previous", "last_year", "weekdays")
# 52 weeks: the same weekdays, as retail calendars compare.
SAME_WEEKDAYS = timedelta(days=364)


def compared_period(kind: str, *, first: date, last: date) -> tuple[date, date]:
    """The period that `first` to `last` is compared with: the days just before, a year or 364 days ago."""
    if kind == "weekdays":
        return first - SAME_WEEKDAYS, last - SAME_WEEKDAYS
    if kind == "last_year":
        return _year_ago(first), _year_ago(last)
    length = last - first + timedelta(days=1)
    return first - length, last - length


def _year_ago(day: date) -> date:
    """The same date a year ago; of 29 February, the 28th."""
    return day.replace(year=day.year - 1, day=28) if (day.month, day.day) == (2, 29) else day.replace(year=day.year - 1)
