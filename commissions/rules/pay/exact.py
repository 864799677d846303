"""Exact fractions into whole fen: rounded once, half away from zero; remainders to the largest fractions."""

from collections.abc import Sequence
from fractions import Fraction


def rounded(exact: Fraction) -> int:
    """The nearest whole number, half away from zero."""
    magnitude = (2 * abs(exact.numerator) + exact.denominator) // (2 * exact.denominator)
    return magnitude if exact >= 0 else -magnitude


def split(total: int, parts: Sequence[Fraction]) -> list[int]:
    """`total` in proportion to non-negative `parts`, exact to the fen; ties go to the earlier part."""
    whole = sum(parts, Fraction(0))
    if not whole:
        return [0] * len(parts)
    sign = -1 if total < 0 else 1
    exact = [abs(total) * part / whole for part in parts]
    given = [share.numerator // share.denominator for share in exact]
    missing = abs(total) - sum(given)
    for index in sorted(range(len(parts)), key=lambda i: given[i] - exact[i])[:missing]:
        given[index] += 1
    return [sign * one for one in given]


def split_rounded(parts: Sequence[Fraction]) -> list[int]:
    """Non-negative exact parts as whole fen that add up to their rounded sum."""
    return split(rounded(sum(parts, Fraction(0))), parts)


def kept(entry: int, *, kept_base: int, base: int) -> int:
    """What remains of an entry whose base shrank: entry × kept base ÷ base, rounded; the reversal is this less it."""
    return rounded(Fraction(entry * kept_base, base)) if base else entry
