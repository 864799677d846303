"""On which days a plan takes place, and from when to when in a time zone.

Rules repeat dates, never instants, so that clock changes cannot move them (RFC 5545 RRULE without a time). Clock times
are put on the days afterwards: one that a spring change leaves out becomes the first instant after the gap, one that an
autumn change brings twice is the first of the two.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

from dateutil.rrule import rrulestr

ALLOWED = frozenset({"FREQ", "INTERVAL", "BYDAY", "BYMONTHDAY", "BYMONTH", "BYSETPOS", "COUNT", "UNTIL", "WKST"})
FREQUENCIES = frozenset({"DAILY", "WEEKLY", "MONTHLY", "YEARLY"})
# How far a holiday may push a day, and how far a rule that ends may reach: a leap day comes within eight years.
FARTHEST_SHIFT = 31
LONGEST = timedelta(days=3700)
END = "24:00"


@dataclass(frozen=True, kw_only=True, slots=True)
class Schedule:
    """When a plan takes place: dates, and `slots` of (opens, due) in local time on each."""

    first_day: date
    rrule: str | None
    except_days: tuple[date, ...]
    holidays: str
    slots: tuple[tuple[str, str], ...]


def check_rrule(rule: str, first_day: date) -> bool:
    """Whether this is a rule over dates that leads to a day within LONGEST."""
    parts = _parts(rule)
    if not parts.keys() <= ALLOWED or parts.get("FREQ") not in FREQUENCIES or {"COUNT", "UNTIL"} <= parts.keys():
        return False
    if len(parts.get("UNTIL", "20260101")) != 8:
        return False
    try:
        return next(_dates(rule, first_day, until=first_day + LONGEST), None) is not None
    except (ValueError, OverflowError):
        return False


def dates_of(schedule: Schedule, *, first: date, last: date, is_holiday: Callable[[date], bool]) -> list[date]:
    """The days from `first` to `last` on which it takes place, in order; `is_holiday` tells days without work."""
    margin = timedelta(days=FARTHEST_SHIFT)
    found: Iterable[date] = [schedule.first_day]
    if schedule.rrule is not None:
        found = _dates(schedule.rrule, schedule.first_day, until=last + margin)
    kept = [day for day in found if day >= first - margin and day not in schedule.except_days]
    moved = {_moved(day, schedule.holidays, is_holiday) for day in kept}
    return sorted(day for day in moved if day is not None and schedule.first_day <= day and first <= day <= last)


def last_day_of(schedule: Schedule) -> date | None:
    """A day after which it surely does not take place any more; None where it goes on without end."""
    last = schedule.first_day
    if schedule.rrule:
        if not {"COUNT", "UNTIL"} & _parts(schedule.rrule).keys():
            return None
        until = schedule.first_day + LONGEST
        last = max(_dates(schedule.rrule, schedule.first_day, until=until), default=last)
    return last + timedelta(days=FARTHEST_SHIFT if schedule.holidays == "shift_after" else 0)


def _dates(rule: str, first_day: date, *, until: date) -> Iterator[date]:
    """The dates of a rule up to a day: a search that finds none must end, too."""
    parts = _parts(rule)
    count = parts.pop("COUNT", None)
    if "UNTIL" in parts:
        until = min(until, date.fromisoformat(parts.pop("UNTIL")))
    whole = ";".join(f"{name}={value}" for name, value in {**parts, "UNTIL": f"{until:%Y%m%d}"}.items())
    dates = rrulestr(whole, dtstart=datetime.combine(first_day, time.min))
    return (at.date() for at in islice(dates, int(count) if count else None))


def _parts(rule: str) -> dict[str, str]:
    return dict(part.partition("=")[::2] for part in rule.split(";"))


def _moved(day: date, holidays: str, is_holiday: Callable[[date], bool]) -> date | None:
    if holidays == "keep" or not is_holiday(day):
        return day
    if holidays == "skip":
        return None
    step = timedelta(days=-1 if holidays == "shift_before" else 1)
    for _ in range(FARTHEST_SHIFT):
        day += step
        if not is_holiday(day):
            return day
    return None


def window_of(day: date, slot: tuple[str, str], zone: str) -> tuple[datetime, datetime]:
    """From when to when a slot lasts on a day in the IANA time zone `zone`, in UTC."""
    opens, due = (instant(day, at, zone) for at in slot)
    return opens, due


def instant(day: date, at: str, zone: str) -> datetime:
    """The instant of a local clock time (HH:MM, up to 24:00), in UTC."""
    if at == END:
        day, at = day + timedelta(days=1), "00:00"
    local = datetime.combine(day, time.fromisoformat(at), tzinfo=ZoneInfo(zone))
    found = local.astimezone(UTC)
    if found.astimezone(local.tzinfo).replace(tzinfo=None) == local.replace(tzinfo=None):
        return found
    return _after_gap(local)


def _after_gap(local: datetime) -> datetime:
    """The first instant after the gap that this clock time lies in."""
    early, late = (local.replace(fold=fold).astimezone(UTC) for fold in (1, 0))
    offset = early.astimezone(local.tzinfo).utcoffset()
    while late - early > timedelta(seconds=1):
        middle = early + (late - early) / 2
        if middle.astimezone(local.tzinfo).utcoffset() == offset:
            early = middle
        else:
            late = middle
    return late.replace(microsecond=0)


def slots_fit(slots: Sequence[tuple[str, str]]) -> bool:
    """Whether each ends after it begins, and they follow on one another."""
    times = [at for slot in slots for at in slot]
    return all(opens < due for opens, due in slots) and times == sorted(times)


def shortened(old: Collection[tuple[str, str]], new: Sequence[tuple[str, str]]) -> bool:
    """Whether a slot that there was ends earlier than before, or is gone."""
    held = list(new)
    return any(len(held) <= n or held[n][1] < slot[1] for n, slot in enumerate(old))
