"""Which days a question is about."""

from datetime import date, timedelta

from kit.errors import Invalid

LONGEST = timedelta(days=366)


def chosen_period(from_day: date | None, to_day: date | None, *, today: date) -> tuple[date, date]:
    """The first and last day asked for: by default the month so far. Raises Invalid."""
    last = to_day or today
    first = from_day or last.replace(day=1)
    if first > last:
        raise Invalid("The period ends before it begins.", errors={"from": ["Later than `to`."]})
    if last - first >= LONGEST:
        raise Invalid("The period is too long.", errors={"from": [f"At most {LONGEST.days} days."]})
    return first, last
