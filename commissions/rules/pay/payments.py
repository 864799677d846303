"""What somebody is owed, by whom it was ruled, and what could not be answered."""

from collections.abc import Iterable
from fractions import Fraction
from typing import Literal, NamedTuple

from commissions.rules.pay.bases import To
from commissions.rules.pay.exact import split


class Payment(NamedTuple):
    """An amount for somebody, of a rule, and of a line where it has one; None as rule: the plan's own limit.

    `base` is what of the line shrinks with it when goods come back; `exact` what a line's amount was before rounding.
    """

    to: To
    rule: str | None
    line: int | None
    amount: int
    base: Literal["net", "units"] = "net"
    exact: Fraction | None = None


class Question(NamedTuple):
    """What a rule could not know: a cost, or a figure of the period. Somebody has to answer; it is no silent 0."""

    rule: str
    about: Literal["cost_unknown", "figure_unknown"]
    line: int | None = None
    to: To | None = None


class Outcome(NamedTuple):
    """All payments, and all open questions."""

    payments: list[Payment]
    questions: list[Question]


def total(payments: Iterable[Payment], *, to: To | None = None, rule: str | None = None) -> int:
    """The sum of payments, to somebody and of a rule where these are named."""
    return sum(one.amount for one in payments if (to is None or one.to == to) and (rule is None or one.rule == rule))


def limited(payments: list[Payment], most: int) -> list[Payment]:
    """Payments that together are at most so much: in proportion, by largest remainder."""
    if total(payments) <= most:
        return payments
    parts = split(most, [Fraction(one.amount) for one in payments])
    return [one._replace(amount=part) for one, part in zip(payments, parts, strict=True)]
