"""A month's target over its days, and how far the month has come: integers only, so that all parts add up.

One definition of time progress and attainment for everybody: pairs of numerator and denominator.
"""

from calendar import monthrange
from collections.abc import Collection, Sequence
from datetime import date, timedelta
from typing import NamedTuple

from kit.money import split_by_weight

CLASSES = ("weekday", "weekend", "festival", "promotion")


class Weights(NamedTuple):
    """How much a day of each class counts, in basis points of a plain weekday."""

    weekday_bp: int = 10_000
    weekend_bp: int = 15_000
    festival_bp: int = 15_000
    promotion_bp: int = 20_000

    def of(self, day_class: str) -> int:
        return self[CLASSES.index(day_class)]


class DayWeight(NamedTuple):
    """A day of a month, what it counts as, and how much."""

    day: date
    day_class: str
    weight_bp: int


class Pair(NamedTuple):
    """A ratio that is never divided here: `numerator` of `denominator`."""

    numerator: int
    denominator: int


def first_of_month(day: date) -> date:
    """The first day of the month of `day`."""
    return day.replace(day=1)


def last_of_month(month: date) -> date:
    """The last day of the month that begins with `month`."""
    return month + timedelta(days=monthrange(month.year, month.month)[1] - 1)


def day_class(*, kind: str, festival: str | None, is_promotion: bool) -> str:
    """What a day counts as: a promotion before a festival or holiday, that before a weekend; a make-up workday is a
    weekday.
    """
    if is_promotion:
        return "promotion"
    if kind == "holiday" or festival:
        return "festival"
    return "weekend" if kind == "weekend" else "weekday"


def spread(amount: int, days: Sequence[DayWeight]) -> list[int]:
    """The amount over the days by their weights, exact to the fen; ties go to the earlier day."""
    return split_by_weight(amount, [day.weight_bp for day in days])


def time_progress(days: Sequence[DayWeight], *, through: date) -> Pair:
    """By weight, how much of the month is over at the end of the day `through`."""
    gone = sum(day.weight_bp for day in days if day.day <= through)
    return Pair(gone, sum(day.weight_bp for day in days))


def attainment(achieved: int, target: int | None) -> Pair | None:
    """How much of a target was achieved; None where there is none, or nothing to achieve."""
    return Pair(achieved, target) if target else None


def classified(
    days: Sequence[tuple[date, str, str | None]], *, promotions: Collection[date], weights: Weights
) -> list[DayWeight]:
    """Days of a calendar (day, kind, festival) with what they count as."""
    found = []
    for day, kind, festival in days:
        name = day_class(kind=kind, festival=festival, is_promotion=day in promotions)
        found.append(DayWeight(day, name, weights.of(name)))
    return found
