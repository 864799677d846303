"""Where people work as a history of homes: what a move from a day on makes of it."""

from collections.abc import Collection, Iterator, Sequence
from datetime import date, timedelta
from typing import NamedTuple
from uuid import UUID

from staff.rules.roles import SELLERS

ROLES = ("guide", "store_manager", "support")
EMPLOYMENTS = ("full_time", "part_time", "temporary", "intern", "agency")
END_REASONS = ("left", "moved", "ended")
FULL_TIME_BP = 10_000
ONE_DAY = timedelta(days=1)


class Stint(NamedTuple):
    """Work in one store and role from a first to a last day; without one it goes on."""

    store_id: UUID
    role: str
    first_day: date
    last_day: date | None = None

    def holds(self, day: date) -> bool:
        """Whether the days include `day`."""
        return self.first_day <= day and (self.last_day is None or self.last_day >= day)


def store_roles(roles: Collection[str]) -> frozenset[str]:
    """In what somebody with these roles works in a store: those of a store, or support where there are none."""
    return SELLERS.intersection(roles) or frozenset({"support"})


def roles_kept(roles: Sequence[str], held: Sequence[str] | None) -> list[str]:
    """The roles to write for somebody who holds `held`: those of stores follow the placements, and stay as they are."""
    if held is None or set(held) == set(roles):
        return list(roles if held is None else held)
    return [*(role for role in held if role in SELLERS), *(role for role in roles if role not in SELLERS)]


def moved(
    history: Sequence[Stint], *, store_id: UUID, roles: Collection[str], day: date, left_on: date | None = None
) -> list[Stint]:
    """The homes of somebody who is to work in a store, in these roles, from `day` on, sorted.

    What runs that day ends the day before; what was said of that very day is replaced; the new homes last until the
    next day of which something was said, or the last day of all. So moves give one history in whatever order they are
    told, as long as no two are of one day.
    """
    others = [one for one in history if one.first_day != day]
    until = lasts_until(others, day, left_on=left_on)
    new = [Stint(store_id, role, day, until) for role in set(roles)]
    return sorted([*ended_before(others, day), *new], key=_order)


def ended_before(history: Sequence[Stint], day: date, *, beside: UUID | None = None) -> list[Stint]:
    """What a home that begins on `day` leaves of the others: those that run then end the day before.

    Not so those in the store `beside`, where somebody gets another role.
    """

    def ends(stint: Stint) -> bool:
        return stint.store_id != beside and stint.first_day < day and stint.holds(day)

    return [stint._replace(last_day=day - ONE_DAY) if ends(stint) else stint for stint in history]


def lasts_until(
    history: Sequence[Stint], day: date, *, left_on: date | None, beside: UUID | None = None
) -> date | None:
    """The last day of a home that begins on `day`: before the next one elsewhere than `beside`, or the last of all."""
    later = [stint.first_day for stint in history if stint.first_day > day and stint.store_id != beside]
    return min(later) - ONE_DAY if later else left_on


def runs_of(days: Collection[date]) -> Iterator[tuple[date, date]]:
    """The first and last days of each run of days that follow one another."""
    ordered = sorted(set(days))
    first = ordered[0] if ordered else None
    for at, day in enumerate(ordered):
        if at + 1 == len(ordered) or ordered[at + 1] != day + ONE_DAY:
            assert first is not None
            yield first, day
            first = ordered[at + 1] if at + 1 < len(ordered) else None


def _order(stint: Stint) -> tuple[date, str]:
    return stint.first_day, stint.role
