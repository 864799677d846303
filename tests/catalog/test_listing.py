"""However a list is narrowed, it is the whole list without what does not match, page by page."""

from itertools import product as combinations
from typing import Any

import pytest

from catalog import rules
from models import Source
from tests import make
from tests.client import Client

TITLES = ("玫瑰面霜", "Bamboo Face Cream")
CATEGORIES = ("美妆", "美妆>面霜", "美妆品")
STATUSES = ("on_shelf", "presale")
FILTERS: dict[str, tuple[str | None, ...]] = {
    "shelf_status": (None, *STATUSES),
    "brand": (None, "甲"),
    "category": (None, "美妆", "美妆 > 面霜"),
    "q": (None, "霜", "an", "face cream"),
}


def test_all_ways_of_narrowing_agree(as_guide: Client, source: Source) -> None:
    kinds = combinations(TITLES, ("甲", "乙"), CATEGORIES, STATUSES)
    make.sync(
        source,
        *[make.product_item(title=t, brand=b, category=c, shelf_status=status) for t, b, c, status in kinds],
    )
    everything = _pages(as_guide, {})
    assert len(everything) == 24
    for chosen in combinations(*FILTERS.values()):
        filters = {name: value for name, value in zip(FILTERS, chosen, strict=True) if value is not None}
        assert _pages(as_guide, filters) == [card for card in everything if _matches(card, filters)], filters


@pytest.mark.parametrize(
    ("words", "indexed"), [("盘", True), ("an", False), ("cre", True), ("面 ", True), ("a", False)]
)
def test_which_words_the_index_knows(words: str, *, indexed: bool) -> None:
    assert rules.is_indexed(words) is indexed


def _matches(card: dict[str, Any], filters: dict[str, str]) -> bool:
    below = filters.get("category", card["category"])
    return (
        card["shelf_status"] == filters.get("shelf_status", card["shelf_status"])
        and card["brand"] == filters.get("brand", card["brand"])
        and (card["category"] == below or card["category"].startswith(f"{below} > "))
        and filters.get("q", "").lower() in card["title"].lower()
    )


def _pages(client: Client, filters: dict[str, str]) -> list[dict[str, Any]]:
    found, cursor = [], None
    while True:
        wanted = {**filters, "limit": "7", **({"cursor": cursor} if cursor else {})}
        page = client.get("/v1/products", query_string=wanted).json
        found += page["items"]
        cursor = page["next_cursor"]
        if cursor is None:
            return found
