"""Which days a question is about, and when their figures are computed."""

from datetime import date, datetime, timedelta

from kit.errors import Invalid
from kit.words import say

LONGEST = timedelta(days=366)
# A day is over everywhere so long after it ended in UTC.
LAST_ZONE = timedelta(hours=12)
# How long a look at a day's figures keeps them fresh, and how old they may become with nobody looking.
LOOKED = timedelta(minutes=10)
UNSEEN = timedelta(minutes=15)


def chosen_period(from_day: date | None, to_day: date | None, *, today: date) -> tuple[date, date]:
    """The first and last day asked for: by default the month so far. Raises Invalid."""
    last = to_day or today
    first = from_day or last.replace(day=1)
    if first > last:
        raise Invalid(say("invalid.period"), errors={"from": [say("later_than", than="to")]})
    if last - first >= LONGEST:
        raise Invalid(say("invalid.period"), errors={"from": [say("period_too_long", days=LONGEST.days)]})
    return first, last


def is_over(day: date, *, now: datetime) -> bool:
    """Whether a business day has ended everywhere."""
    return day < (now - LAST_ZONE).date()


def may_wait(day: date, *, computed_at: datetime | None, looked_at: bool, now: datetime) -> bool:
    """Whether the figures of a business day that changed need not be computed yet: it goes on, and nobody looks."""
    return not is_over(day, now=now) and not looked_at and computed_at is not None and now - computed_at < UNSEEN
