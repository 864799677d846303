"""Which days a period has: a month from a day on, a week from a weekday on, a quarter; in the store's time zone."""

from calendar import monthrange
from datetime import date, timedelta
from typing import NamedTuple

from commissions.rules.language.model import Period


class Days(NamedTuple):
    """A first and a last day."""

    first: date
    last: date


def period_of(day: date, period: Period, campaign: Days | None = None) -> Days | None:
    """The period that a day lies in; None outside a campaign's days."""
    if period.unit == "campaign":
        return campaign if campaign and campaign.first <= day <= campaign.last else None
    if period.unit == "week":
        first = day - timedelta(days=(day.isoweekday() - period.from_day) % 7)
        return Days(first, first + timedelta(days=6))
    months = 3 if period.unit == "quarter" else 1
    begun = _months_from(day.replace(day=1), 0 if day.day >= period.from_day else -1)
    first = _months_from(begun, -((begun.month - 1) % months)).replace(day=period.from_day)
    return Days(first, _months_from(first, months) - timedelta(days=1))


def _months_from(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
