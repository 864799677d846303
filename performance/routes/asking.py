"""The period that a request is about."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from kit import clock
from kit.web.auth import principal
from performance import service
from performance.rules import periods
from staff.queries import home_of


@dataclass(frozen=True, kw_only=True)
class Period:
    """The business days asked about, which day it is, and the currency of sums."""

    first: date
    last: date
    today: date
    currency: str

    def shown(self) -> dict[str, Any]:
        return {"from": self.first, "to": self.last, "currency": self.currency}


def asked_period(from_day: date | None, to_day: date | None, currency: str | None) -> Period:
    """The period asked for, where the principal is: the month so far by default. Raises Invalid."""
    home = home_of(principal())
    return period_at(home.time_zone, home.currency, from_day, to_day, currency)


def period_at(
    time_zone: str, home_currency: str, from_day: date | None, to_day: date | None, currency: str | None
) -> Period:
    """The period asked for, in a time zone. Raises Invalid."""
    today = clock.business_day(clock.now(), time_zone)
    first, last = periods.chosen_period(from_day, to_day, today=today)
    return Period(first=first, last=last, today=today, currency=currency or home_currency)


def note_look(period: Period) -> None:
    """Let figures of today follow their facts closely: somebody looks at them."""
    if period.last >= period.today:
        service.note_look()
