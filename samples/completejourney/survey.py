"""One walk through the year's baskets for what must be known before any of them is taken in."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from samples.completejourney.files import cents


@dataclass(frozen=True, slots=True)
class Survey:
    """The stores that sold, and per product sold its price and its price before discounts, the highest, in cents."""

    store_ids: list[int]
    prices: dict[int, tuple[int, int]]
    lines: int


def survey(baskets: Iterable[list[tuple[Any, ...]]]) -> Survey:
    """What these baskets tell of stores and prices."""
    store_ids: set[int] = set()
    prices: dict[int, tuple[int, int]] = {}
    lines = 0
    for basket in baskets:
        store_ids.add(basket[0][2])
        lines += len(basket)
        for *_, product_id, quantity, value, discount, matched in basket:
            price = cents(value) // (quantity or 1)
            full = cents(value + discount + matched) // (quantity or 1)
            known = prices.get(product_id, (0, 0))
            prices[product_id] = (max(known[0], price), max(known[1], full))
    return Survey(sorted(store_ids), prices, lines)
