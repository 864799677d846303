"""Which other days a period is compared with."""

from collections.abc import Sequence
from datetime import date, timedelta
from itertools import groupby

from kit.errors import Invalid
from kit.words import say
from staff.rules.calendar import FIRST_YEAR, Day

COMPARISONS = ("previous", "last_year", "weekdays", "festival")
# 52 weeks: the same weekdays, as retail calendars compare.
SAME_WEEKDAYS = timedelta(days=364)
# A festival by the moon comes up to a month earlier or later than a year ago; and a holiday may begin before a period.
NEAR, FAR = timedelta(days=330), timedelta(days=400)
LONGEST_HOLIDAY = timedelta(days=15)


def compared_period(kind: str, *, first: date, last: date) -> tuple[date, date]:
    """The period that `first` to `last` is compared with: the days just before, a year or 364 days ago."""
    if kind == "weekdays":
        return first - SAME_WEEKDAYS, last - SAME_WEEKDAYS
    if kind == "last_year":
        return _year_ago(first), _year_ago(last)
    length = last - first + timedelta(days=1)
    return first - length, last - length


def days_to_know(first: date, last: date) -> tuple[date, date]:
    """The days whose festivals same_festival asks for. Raises Invalid where no calendar reaches."""
    since = first - LONGEST_HOLIDAY - FAR if first.year > FIRST_YEAR + 1 else first
    if since == first:
        raise _no_festival()
    return since, last


def same_festival(days: Sequence[Day], *, first: date, last: date) -> tuple[date, date]:
    """The period as far from the last year's festival as `first` to `last` from this year's.

    A festival counts from the first of its days in a row; of several, that with most days in the period, then the
    earlier. `days` are those of days_to_know, in order. Raises Invalid where a year has no such festival.
    """
    runs = [(name, [day.day for day in run]) for name, run in groupby(days, key=lambda day: day.festival) if name]
    # Of each holiday that others interrupt, as National Day by Mid-autumn, the first run.
    within = [(sum(first <= day <= last for day in run), name) for name, run in runs]
    longest = max((count for count, _ in within), default=0)
    named = next((name for count, name in within if count and count == longest), None)
    starts = [run[0] for name, run in runs if name == named]
    begins = next((day for day in starts if day >= first - LONGEST_HOLIDAY), None)
    before = next((day for day in starts if begins and NEAR <= begins - day <= FAR), None)
    if begins is None or before is None:
        raise _no_festival()
    return first - (begins - before), last - (begins - before)


def _no_festival() -> Invalid:
    return Invalid(say("invalid.parameters"), errors={"compare": [say("no_festival")]})


def _year_ago(day: date) -> date:
    """The same date a year ago; of 29 February, the 28th."""
    return day.replace(year=day.year - 1, day=28) if (day.month, day.day) == (2, 29) else day.replace(year=day.year - 1)
