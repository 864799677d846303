"""Net sales as a product of factors, and how much of a change each of them explains."""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from itertools import permutations
from math import factorial, floor, prod
from typing import NamedTuple

from performance.rules.metrics import Unit, Words


class Factor(NamedTuple):
    """A sum of a period, or one divided by another."""

    name: str
    label: Words
    unit: Unit
    numerator: str
    denominator: str | None = None


FIRST = (
    Factor("visitors", Words("访客数", "Visitors"), "count", "viewers"),
    Factor("buyers", Words("成交人数", "Buyers"), "count", "buyers"),
    Factor("receipts", Words("成交单数", "Receipts"), "count", "receipts"),
    Factor("net_sales", Words("净销售额", "Net sales"), "money", "net_sales"),
)
RATES = (
    Factor("conversion", Words("转化率", "Buyers of visitors"), "basis_points", "buyers", "viewers"),
    Factor("frequency", Words("人均单数", "Receipts of a buyer"), "basis_points", "receipts", "buyers"),
    Factor("net_receipt_value", Words("单均净销售额", "Net sales of a receipt"), "money", "net_sales", "receipts"),
)


def factors_of(now: Mapping[str, int], before: Mapping[str, int]) -> tuple[Factor, ...]:
    """The longest product that both periods have: it begins after the last sum that is 0 in one of them."""
    begins = 0
    for place, rate in enumerate(RATES, start=1):
        if not now[rate.denominator or ""] or not before[rate.denominator or ""]:
            begins = place
    return FIRST[begins], *RATES[begins:]


def explain(factors: Sequence[Factor], *, now: Mapping[str, int], before: Mapping[str, int]) -> list[int]:
    """What each factor adds to the change of the product, in its unit; they sum to the change exactly."""
    return whole_parts(
        mean_over_orders([_value(one, before) for one in factors], [_value(one, now) for one in factors])
    )


def mean_over_orders(before: Sequence[Fraction], now: Sequence[Fraction]) -> list[Fraction]:
    """By factor, the mean over all orders of replacing them one by one of what its turn adds to the product."""
    gained = [Fraction(0)] * len(now)
    for order in permutations(range(len(now))):
        current = list(before)
        for place in order:
            without = prod(current)
            current[place] = now[place]
            gained[place] += prod(current) - without
    return [gain / factorial(len(now)) for gain in gained]


def whole_parts(exact: Sequence[Fraction]) -> list[int]:
    """Parts of a whole sum as whole numbers with the same sum: what is over goes to the largest fractions.

    Ties go to the earlier part; the parts of the opposite change are the opposite ones.
    """
    sign = -1 if next((part for part in (sum(exact), *exact) if part), 0) < 0 else 1
    parts = [sign * part for part in exact]
    given = [floor(part) for part in parts]
    over = floor(sum(parts)) - sum(given)
    for place in sorted(range(len(parts)), key=lambda place: given[place] - parts[place])[:over]:
        given[place] += 1
    return [sign * part for part in given]


def _value(one: Factor, sums: Mapping[str, int]) -> Fraction:
    return Fraction(sums[one.numerator], sums[one.denominator] if one.denominator else 1)
