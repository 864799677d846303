"""The days that a period is compared with, by the calendar of where its subject is."""

from datetime import date

from performance.queries.subjects import Subject
from performance.rules.comparing import compared_period, days_to_know, same_festival
from staff.queries.calendars import read_calendar


def find_compared(kind: str, subject: Subject, *, first: date, last: date) -> tuple[date, date]:
    """The period that `first` to `last` is compared with. Raises Invalid where there is no such festival."""
    if kind != "festival":
        return compared_period(kind, first=first, last=last)
    since, until = days_to_know(first, last)
    return same_festival(read_calendar(subject.country, first=since, last=until).days, first=first, last=last)
