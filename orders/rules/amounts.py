"""What each line of a receipt comes to in the store's currency, its part of the receipt's discount taken off. Pure."""

from collections.abc import Sequence
from typing import NamedTuple

from kit.money import split_by_weight


class Priced(NamedTuple):
    """What a line says, minor units; what is taken back is negative. `tag` and `cost` of all its pieces.

    `counts` in sales: goods and services do (models.orders.SALES_KINDS).
    """

    counts: bool
    paid: int
    tax: int
    discount: int
    tag: int | None
    cost: int | None


class Worth(NamedTuple):
    """What an amount is worth elsewhere: `given` minor units of one currency are `worth` of another."""

    given: int
    worth: int


def net_of(line: Priced) -> int:
    """What the line adds to sales: paid without its tax, and nothing of what is no sale."""
    return line.paid - line.tax if line.counts else 0


def tag_amount(tag_price: int | None, *, quantity: int, weight_milli: int | None) -> int | None:
    """The tag price of all pieces, or of a weight in thousandths, rounded half up; negative as the quantity is."""
    if tag_price is None:
        return None
    if weight_milli is None:
        return tag_price * quantity
    amount = (tag_price * weight_milli * 2 + 1000) // 2000
    return amount if quantity > 0 else -amount if quantity < 0 else 0


def bearing(lines: Sequence[Priced]) -> list[int]:
    """How much each line bears of a discount on the receipt: by what was paid for goods and services.

    Where neither was sold, by what was paid for anything; what is taken back bears none.
    """
    weights = [line.paid if line.counts and line.paid > 0 else 0 for line in lines]
    return weights if any(weights) else [max(line.paid, 0) for line in lines]


def less_discount(lines: Sequence[Priced], discount: int) -> list[Priced]:
    """The lines with their parts of a discount, by largest remainder, taken off what was paid, and of its tax."""
    if not discount:
        return list(lines)
    parts = split_by_weight(discount, bearing(lines))
    return [_less(line, part) if part else line for line, part in zip(lines, parts, strict=True)]


def _less(line: Priced, part: int) -> Priced:
    paid = line.paid - part
    tax = (line.tax * paid * 2 + line.paid) // (2 * line.paid)
    return line._replace(paid=paid, tax=tax, discount=line.discount + part)


def converted(line: Priced, rate: Worth) -> Priced:
    """The line in another currency; each amount is rounded half away from zero."""
    paid, tax, discount = (_convert(amount, rate) for amount in (line.paid, line.tax, line.discount))
    tag, cost = (None if amount is None else _convert(amount, rate) for amount in (line.tag, line.cost))
    return Priced(line.counts, paid, tax, discount, tag, cost)


def _convert(amount: int, rate: Worth) -> int:
    magnitude = (abs(amount) * rate.worth * 2 + rate.given) // (2 * rate.given)
    return magnitude if amount >= 0 else -magnitude
