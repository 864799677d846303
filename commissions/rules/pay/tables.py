"""What a table gives for a figure: exact, by lower bounds only, so that no figure falls between two rows."""

from fractions import Fraction
from itertools import pairwise

from commissions.rules.language.model import WHOLE_BP, Coefficients, Table


def value_at(table: Table, figure: Fraction | None) -> Fraction:
    """The value that a figure reaches (`step`) or that lies between two points (`linear`).

    Below the first point, or without a figure, what the table says else, or 0.
    """
    reached = 0 if figure is None else sum(1 for point in table.points if figure >= point.from_)
    if figure is None or not reached:
        return Fraction(table.otherwise or 0)
    point = table.points[reached - 1]
    if table.method != "linear" or reached == len(table.points):
        return Fraction(point.value)
    following = table.points[reached]
    way = (figure - point.from_) / (following.from_ - point.from_)
    return point.value + way * (following.value - point.value)


def marginal(table: Table, *, before: int, after: int) -> Fraction:
    """What the part of a sum from `before` to `after` earns when each row's rate (bp) holds for its own part."""
    rows = [(point.from_, point.value) for point in table.points]
    if rows[0][0] > 0:
        rows.insert(0, (0, table.otherwise or 0))
    earned = 0
    for (start, rate), (end, _) in pairwise([*rows, (max(after, rows[-1][0]), 0)]):
        earned += max(0, min(end, after) - max(start, before)) * rate
    return Fraction(earned, WHOLE_BP)


def combined(coefficients: Coefficients, values: list[Fraction]) -> Fraction:
    """Coefficients (bp) as one factor: their product, weighted sum or minimum."""
    factors = [value / WHOLE_BP for value in values]
    if coefficients.combine == "product":
        product = Fraction(1)
        for factor in factors:
            product *= factor
        return product
    if coefficients.combine == "minimum":
        return min(factors)
    weights = [Fraction(one.weight_bp or 0, WHOLE_BP) for one in coefficients.of]
    return sum((weight * factor for weight, factor in zip(weights, factors, strict=True)), Fraction(0))
