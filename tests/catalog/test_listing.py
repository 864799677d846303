"""However a list is narrowed, it is the whole list without what does not match, page by page."""

from collections.abc import Callable
from itertools import product as combinations
from typing import Any

import pytest

from catalog import rules
from catalog.items import SkuItem
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
    ("word", "is_part"), [("盘", True), ("an", False), ("cre", True), ("a-b", False), ("100%", True), ("ไท", False)]
)
def test_which_words_the_index_knows_anywhere(word: str, *, is_part: bool) -> None:
    assert rules.is_part(word) is is_part


def test_an_order_is_the_whole_list_sorted_page_by_page(as_guide: Client, source: Source) -> None:
    items = [make.product_item(title=f"甲{n % 4}", price_fen=100 * (n % 5), brand="甲乙"[n % 2]) for n in range(20)]
    make.sync(source, *items)
    everything = _pages(as_guide, {})
    for filters in ({}, {"brand": "甲"}, {"category": "护肤"}, {"q": "甲"}, {"q": "j", "brand": "乙"}):
        listed = [card for card in everything if card["brand"] == filters.get("brand", card["brand"])]
        for sort, key, backwards in SORTINGS:
            wanted = sorted(listed, key=key, reverse=backwards)
            assert _pages(as_guide, {**filters, "sort": sort}) == wanted, (filters, sort)


SORTINGS: tuple[tuple[str, Callable[[dict[str, Any]], Any], bool], ...] = (
    ("title", lambda card: (card["title"], card["id"]), False),
    ("newest", lambda card: card["id"], True),
    ("price", lambda card: (card["price"]["amount"], card["id"]), False),
    ("price_desc", lambda card: (card["price"]["amount"], card["id"]), True),
)


def test_a_cursor_of_one_order_is_none_of_another(as_guide: Client, source: Source) -> None:
    make.sync(source, *[make.product_item() for _ in range(3)])
    cursor = as_guide.get("/v1/products", query_string={"limit": 1, "sort": "price"}).json["next_cursor"]
    answer = as_guide.get("/v1/products", query_string={"limit": 1, "cursor": cursor})
    assert answer.json["code"] == "bad_cursor"


def test_the_lowest_price_follows_what_the_source_says(as_guide: Client, source: Source) -> None:
    def said(version: int, *prices: int) -> None:
        skus = [SkuItem(code=f"S{price}", price=price) for price in prices]
        make.sync(source, make.product_item(external_id="moving", title="移", version=version, skus=skus))

    make.sync(source, make.product_item(title="定", price_fen=500))
    orders = []
    for version, prices in enumerate([(300, 900), (900,), (900, 100)], 1):
        said(version, *prices)
        orders.append([card["title"] for card in _pages(as_guide, {"sort": "price"})])
    assert orders == [["移", "定"], ["定", "移"], ["移", "定"]]


def test_sellable_is_of_the_store_that_is_asked_for(
    as_guide: Client, as_manager: Client, source: Source, store_code: str
) -> None:
    make.sync(
        source,
        make.product_item(title="可售", sku_codes=["A"]),
        make.product_item(title="停售", sku_codes=["B"]),
        make.product_item(title="下架", shelf_status="off_shelf"),
    )
    as_manager.put(f"/v1/stores/{store_code}/availability/B", json={"sellable": False})
    for filters in ({}, {"q": "售"}, {"category": "护肤"}, {"sort": "price"}):
        yes = _pages(as_guide, {**filters, "sellable": "true"})
        no = _pages(as_guide, {**filters, "sellable": "false"})
        assert [card["title"] for card in yes] == ["可售"]
        assert {card["title"] for card in no} == {card["title"] for card in _pages(as_guide, filters)} - {"可售"}
    assert as_guide.get("/v1/products?sellable=perhaps").status_code == 422


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
