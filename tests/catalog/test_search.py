"""Search at the shelf: what a guide types or scans finds the product, and each kind of it has a plan."""

from typing import Any

import pytest
from sqlalchemy import text

from catalog import pinyin
from catalog.items import SkuItem
from catalog.queries import listing
from catalog.queries.search import as_search
from kit.db import db, fetch_all, unit_of_work
from models import Source, Staff
from tests import make
from tests.client import Client

ROSE, GREEN, CREAM, CITY, WIDE = "玫瑰面霜", "绿茶洁面乳 100ml", "Rose Face Cream", "重庆限定礼盒", "ＳＰＦ５０防晒"


@pytest.fixture
def shelf(source: Source) -> None:
    make.sync(
        source,
        make.product_item(title=ROSE, skus=[_sku("MG-001", "6901234567892"), _sku("MG-002", None)]),
        make.product_item(title=GREEN, skus=[_sku("LC 7", "012345678905")]),
        make.product_item(title=CREAM, skus=[_sku("K0009", "978-7-302-51165-5")]),
        make.product_item(title=CITY, skus=[_sku("K0010", None)]),
        make.product_item(title=WIDE, skus=[_sku("ＡＢ９", None)]),
    )


def _sku(code: str, barcode: str | None) -> SkuItem:
    return SkuItem(code=code, barcode=barcode, price=100)


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        # several words in any order, of both languages
        ("霜 玫瑰", {ROSE}),
        ("cream rose", {CREAM}),
        ("rose 玫瑰", set()),
        ("绿茶 100", {GREEN}),
        # one character, one or two letters: those begin a word, or a title's spelling
        ("霜", {ROSE}),
        ("面", {ROSE, GREEN}),
        ("c", {CREAM, CITY}),
        ("fa", {CREAM, WIDE}),
        ("ce", set()),
        # pinyin, whole and unfinished, joined and apart; initials from anywhere in a run
        ("meigui", {ROSE}),
        ("meiguimian", {ROSE}),
        ("mei gui", {ROSE}),
        ("guimians", {ROSE}),
        ("guimei", set()),
        ("chongqing", {CITY}),
        ("zhongqing", set()),
        ("lvcha", {GREEN}),
        ("lücha", {GREEN}),
        ("mgms", {ROSE}),
        ("ms", {ROSE}),
        ("cqxdlh", {CITY}),
        ("qxdlh", {CITY}),
        ("cqxdlg", set()),
        ("MEIGUI 霜", {ROSE}),
        # full-width forms, either way round
        ("ｒｏｓｅ", {CREAM}),
        ("ｍｅｉｇｕｉ", {ROSE}),
        ("spf50", {WIDE}),
        ("１００ｍｌ", {GREEN}),
        ("玫瑰　霜", {ROSE}),
        # codes, whole and begun
        ("MG-001", {ROSE}),
        ("mg-001", {ROSE}),
        ("MG-0", {ROSE}),
        ("LC 7", {GREEN}),
        ("ab9", {WIDE}),
        ("K00", {CREAM, CITY}),
        ("0009", set()),
        # scans: with and without the zeros and hyphens that scanners and feeds add
        ("6901234567892", {ROSE}),
        ("６９０１２３４５６７８９２", {ROSE}),
        ("12345678905", {GREEN}),
        ("0012345678905", {GREEN}),
        ("9787302511655", {CREAM}),
        ("690123456789", set()),
        ("6901234567892 玫瑰", {ROSE}),
        ("6901234567892 绿茶", set()),
    ],
)
def test_what_is_typed_finds(as_guide: Client, shelf: None, typed: str, found: set[str]) -> None:
    page = as_guide.get("/v1/products", query_string={"q": typed}).json
    assert {card["title"] for card in page["items"]} == found
    assert page["cut"] is False


@pytest.mark.parametrize("typed", ["%", "_ -", "a b c d e f g h i", "字" * 101, ""])
def test_what_cannot_be_looked_for_is_said(as_guide: Client, typed: str) -> None:
    answer = as_guide.get("/v1/products", query_string={"q": typed})
    assert (answer.status_code, list(answer.json["errors"])) == (422, ["q"])


def test_the_sku_that_is_scanned_is_the_one_shown(as_guide: Client, source: Source) -> None:
    skus = [SkuItem(code="A", barcode="11111111", price=100), SkuItem(code="B", barcode="22222222", price=200)]
    make.sync(source, make.product_item(title="双色", skus=skus))
    shown = {
        typed: [(row["code"], row["barcode"], row["price"]["amount"]) for row in _rows(as_guide, q=typed)]
        for typed in ("双色", "22222222", "11111111")
    }
    cheap, dear = ("A", "11111111", 100), ("B", "22222222", 200)
    assert shown == {"双色": [cheap], "22222222": [dear], "11111111": [cheap]}


def test_a_new_title_is_found_by_its_spelling_and_the_old_one_no_longer(as_guide: Client, source: Source) -> None:
    for version, title in enumerate(["旧名", "新名"], 1):
        make.sync(source, make.product_item(external_id="P", version=version, title=title))
    assert [row["title"] for row in _rows(as_guide, q="xinming")] == ["新名"]
    assert _rows(as_guide, q="jiuming") == []


def test_a_dropped_sku_finds_nothing(as_guide: Client, source: Source) -> None:
    for version, code in enumerate(["GONE1", "KEPT1"], 1):
        make.sync(source, make.product_item(external_id="P", version=version, title="品", sku_codes=[code]))
    assert [len(_rows(as_guide, q=code)) for code in ("GONE1", "KEPT1")] == [0, 1]


def test_stock_is_a_word(as_guide: Client, as_manager: Client, source: Source, store_code: str) -> None:
    make.sync(
        source,
        make.product_item(title="A", sku_codes=["A1"]),
        make.product_item(title="B", skus=[SkuItem(code="B1", price=1, in_stock=False)]),
        make.product_item(title="C", sku_codes=["C1"]),
        make.product_item(title="D", sku_codes=["D1"]),
    )
    for code, stock in (("C1", 3), ("D1", 0)):
        as_manager.put(f"/v1/stores/{store_code}/availability/{code}", json={"sellable": True, "stock": stock})
    stocks = {row["title"]: row["stock"] for row in _rows(as_guide)}
    assert stocks == {"A": "unknown", "B": "out_of_stock", "C": "in_stock", "D": "out_of_stock"}


def test_a_search_that_finds_too_much_says_so(
    as_guide: Client, source: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    from catalog.queries import listing

    make.sync(source, *[make.product_item(title=f"霜{n}") for n in range(5)])
    few = listing.MATCHES.replace(str(listing.LOOKED_AT), "3").replace(str(listing.LOOKED_AT + 1), "4")
    monkeypatch.setattr(listing, "MATCHES", few)
    listing._statement.cache_clear()
    page = as_guide.get("/v1/products", query_string={"q": "霜"}).json
    listing._statement.cache_clear()
    assert (page["cut"], len(page["items"])) == (True, 4)


@pytest.mark.parametrize(
    "written", ["护肤 > 精华", "护肤>精华", "护肤 / 精华", "护肤/精华", "护肤＞精华", "护肤 › 精华"]
)
def test_a_category_is_found_however_it_is_written(as_guide: Client, source: Source, written: str) -> None:
    make.sync(
        source,
        make.product_item(title="甲", category="护肤＞精华"),
        make.product_item(title="乙", category=["护肤", "精华", "夜用"]),
        make.product_item(title="丙", category="护肤"),
    )
    assert [row["title"] for row in _rows(as_guide, category=written)] == ["乙", "甲"]
    listed = as_guide.get("/v1/categories", query_string={"below": written}).json["items"]
    assert [(row["path"], row["name"], row["products"]) for row in listed] == [
        ("护肤 > 精华", "精华", 2),
        ("护肤 > 精华 > 夜用", "夜用", 1),
    ]


def test_a_stroke_within_a_name_stays(as_guide: Client, source: Source) -> None:
    make.sync(source, make.product_item(title="甲", category=["洗发/护发"]))
    assert [row["title"] for row in _rows(as_guide, category="洗发/护发")] == ["甲"]


def test_brands_and_categories_are_listed_with_counts(as_guide: Client, source: Source) -> None:
    make.sync(
        source,
        *[make.product_item(brand="Rosa", category="彩妆>口红>哑光") for _ in range(3)],
        make.product_item(brand="花屿", category="彩妆", shelf_status="off_shelf"),
    )
    brands = as_guide.get("/v1/brands").json["items"]
    assert brands == [
        {"name": "Rosa", "products": 3, "more": False},
        {"name": "花屿", "products": 1, "more": False},
    ]
    assert [brand["name"] for brand in as_guide.get("/v1/brands?begins=ro").json["items"]] == ["Rosa"]
    categories = as_guide.get("/v1/categories").json["items"]
    assert {row["path"]: row["products"] for row in categories} == {
        "彩妆": 4,
        "彩妆 > 口红": 3,
        "彩妆 > 口红 > 哑光": 3,
    }


def test_lists_of_brands_categories_and_tags_come_in_pages(as_guide: Client, source: Source) -> None:
    make.sync(source, *[make.product_item(brand=f"B{n}", category=f"C{n}", tags=[f"T{n}"]) for n in range(5)])
    for path, key in (("/v1/brands", "name"), ("/v1/categories", "path"), ("/v1/product-tags", "name")):
        first = as_guide.get(path, query_string={"limit": 3}).json
        rest = as_guide.get(path, query_string={"limit": 3, "cursor": first["next_cursor"]}).json
        assert [row[key][1:] for row in first["items"] + rest["items"]] == list("01234")
        assert rest["next_cursor"] is None


def test_tags_are_listed_with_counts_and_narrow_the_list(as_guide: Client, source: Source) -> None:
    items = [make.product_item(external_id=name, title=name, tags=["Gift", "夏季"][:n]) for n, name in enumerate("cab")]
    make.sync(source, *items)
    assert as_guide.get("/v1/product-tags").json["items"] == [
        {"name": "Gift", "products": 2, "more": False},
        {"name": "夏季", "products": 1, "more": False},
    ]
    assert [tag["name"] for tag in as_guide.get("/v1/product-tags?begins=gi").json["items"]] == ["Gift"]
    first = as_guide.get("/v1/products?tag=Ｇift&limit=1").json
    assert [row["title"] for row in first["items"]] == ["a"]
    rest = as_guide.get(f"/v1/products?tag=Ｇift&limit=1&cursor={first['next_cursor']}").json
    assert ([row["title"] for row in rest["items"]], rest["next_cursor"]) == (["b"], None)
    for more in ({"sort": "newest"}, {"sort": "price"}, {"q": "b"}, {"brand": "花屿"}, {"category": "护肤"}):
        assert [row["title"] for row in _rows(as_guide, tag="夏季", **more)] == ["b"], more


def test_tags_follow_what_their_source_says_and_who_decides(as_guide: Client, source: Source) -> None:
    lower = make.source(rank=200)
    make.sync(lower, make.product_item(external_id="S", title="low", tags=["old"], sku_codes=["A"]))
    make.sync(source, make.product_item(external_id="B", title="high", tags=["new", "odd"], sku_codes=["A"]))
    assert [(tag["name"], tag["products"]) for tag in as_guide.get("/v1/product-tags").json["items"]] == [
        ("new", 1),
        ("odd", 1),
        ("old", 0),
    ]
    make.sync(source, make.product_item(external_id="B", title="High", version=2, tags=["new"], sku_codes=["A"]))
    assert [row["title"] for row in _rows(as_guide, tag="new")] == ["High"]
    kept = fetch_all(text("SELECT g.name, t.title FROM tagged_product t JOIN product_tag g ON g.id = t.tag_id"))
    assert [tuple(row.values()) for row in kept] == [("new", "High")]


SEARCHES = ("霜", "m", "ms", "meigui", "mgms", "an", "rose cream", "K0000012", "6900000000123")


def test_every_kind_of_search_goes_by_an_index(source: Source) -> None:
    with unit_of_work():
        db.session.execute(FILL, {"source_id": source.id, "pinyin": pinyin.spelled(ROSE)})
    with unit_of_work():
        # What was just written waits in lists before the indexes, which would be read through.
        db.session.execute(text("SELECT gin_clean_pending_list('ix_product_search')"))
        db.session.execute(text("ANALYZE product; ANALYZE sku; ANALYZE sku_listing"))
    for search in map(as_search, SEARCHES):
        condition = f"SELECT id FROM product WHERE {search.condition}"
        plan = "\n".join(row["QUERY PLAN"] for row in fetch_all(text(f"EXPLAIN {condition}"), search.parameters))
        assert "Seq Scan" not in plan, (search, plan)


@pytest.mark.parametrize("at_a_store", [True, False])
def test_what_may_be_sold_is_asked_of_the_products_of_a_page_alone(
    guide: Staff, source: Source, at_a_store: bool
) -> None:
    with unit_of_work():
        db.session.execute(FILL, {"source_id": source.id, "pinyin": ""})
    with unit_of_work():
        db.session.execute(text("ANALYZE product; ANALYZE sku; ANALYZE store_availability"))
    statement = listing._statement(("sellable",), None, sort="title", past=False, limit=21)
    parameters = {"sellable": True, "store_id": guide.store_id if at_a_store else None}
    rows = fetch_all(text(f"EXPLAIN {statement.text}"), parameters)
    plan = "\n".join(row["QUERY PLAN"] for row in rows)
    assert "Seq Scan on sku" not in plan, plan


FILL = text("""
WITH b AS (INSERT INTO brand (name) VALUES ('b') RETURNING id),
     c AS (INSERT INTO category (path) VALUES ('c') RETURNING id),
     p AS (
       INSERT INTO product (source_id, external_id, source_version, title, pinyin, brand_id, category_id, shelf_status,
                            shelf_changed_at, updated_at)
       SELECT :source_id, n, 1, CASE WHEN n % 50 = 0 THEN '玫瑰面霜 ' ELSE 'Body Lotion ' END || n,
              CASE WHEN n % 50 = 0 THEN CAST(:pinyin AS tsvector) ELSE '' END, b.id, c.id, 'on_shelf', now(), now()
       FROM b, c, generate_series(1, 20000) n RETURNING id, external_id),
     k AS (
       INSERT INTO sku (product_id, code, barcode, variant_id, price_fen, currency)
       SELECT id, 'K' || lpad(external_id, 7, '0'), '69' || lpad(external_id, 11, '0'), '47' || external_id, 100, 'CNY'
       FROM p RETURNING id, product_id, variant_id)
INSERT INTO sku_listing (sku_id, product_id, variant_id, price_fen, currency, in_stock, listed)
SELECT id, product_id, variant_id, 100, 'CNY', true, true FROM k
""")


def _rows(client: Client, **filters: str) -> list[dict[str, Any]]:
    return client.get("/v1/products", query_string=filters).json["items"]
