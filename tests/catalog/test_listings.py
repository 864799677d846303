"""A SKU that several sources list: who says what it is, and what it takes for another one to."""

import itertools
from typing import Any

import pytest
from sqlalchemy import text

from kit.db import db, fetch_all, unit_of_work
from models import Source
from tests import make
from tests.catalog.read import catalog
from tests.catalog.sending import counts, lines, work
from tests.client import Client


@pytest.fixture
def brand(app: object) -> Source:
    return make.source(code="a-brand", rank=1)


@pytest.fixture
def shop(app: object) -> Source:
    return make.source(code="b-shop", rank=2)


@pytest.fixture
def erp(app: object) -> Source:
    return make.source(code="c-erp", rank=3)


def item(name: str, *codes: str, version: int = 1, **fields: Any) -> Any:
    return make.product_item(external_id=name, title=name, version=version, sku_codes=list(codes), **fields)


def seen() -> list[tuple[str, str, list[str]]]:
    """What lists show: name, shelf status, SKUs with prices."""
    shown = {row["external_id"] for row in fetch_all(text("SELECT external_id FROM product WHERE NOT shadowed"))}
    return [
        (row["external_id"], row["shelf_status"], [sku.rpartition(" ")[0] for sku in row["skus"]])
        for row in catalog()
        if row["external_id"] in shown
    ]


def by_title(client: Client, **query: str) -> dict[str, dict[str, Any]]:
    return {row["title"]: row for row in client.get("/v1/products", query_string=query).json["items"]}


@pytest.mark.parametrize("brand_first", [True, False])
def test_the_highest_rank_says_what_a_sku_is_in_either_order(brand: Source, shop: Source, brand_first: bool) -> None:
    words = [(brand, item("B", "A", "A2", price_fen=900)), (shop, item("S", "A", price_fen=100))]
    for source, what in words if brand_first else words[::-1]:
        assert make.sync(source, what) == ["created"]
    for source, what in words:
        assert seen() == [("B", "on_shelf", ["A 900", "A2 900"])]
        assert make.sync(source, what) == ["unchanged"]


def test_a_lower_source_adds_what_only_it_lists(brand: Source, shop: Source) -> None:
    make.sync(shop, item("S", "A", "C", price_fen=100))
    make.sync(brand, item("B", "A", price_fen=900))
    assert seen() == [("B", "on_shelf", ["A 900"]), ("S", "on_shelf", ["C 100"])]
    make.sync(shop, item("S", "A", "C", version=2, price_fen=150))
    assert seen() == [("B", "on_shelf", ["A 900"]), ("S", "on_shelf", ["C 150"])]


def test_off_the_shelf_there_is_off_everywhere(brand: Source, shop: Source, as_catalog: Client) -> None:
    make.sync(brand, item("B", "A"))
    make.sync(shop, item("S", "A"))
    make.sync(brand, item("B", "A", version=2, shelf_status="off_shelf"))
    make.sync(shop, item("S", "A", version=2, price_fen=1))
    assert seen() == [("B", "off_shelf", ["A 19900"])]
    assert by_title(as_catalog)["B"]["sellable"] is False


def test_a_sku_that_its_source_no_longer_names_is_nobody_elses(brand: Source, shop: Source) -> None:
    make.sync(brand, item("B", "A", "A2"))
    make.sync(shop, item("S", "A2"))
    make.sync(brand, item("B", "A", version=2))
    make.sync(shop, item("S", "A2", version=2, price_fen=5))
    assert seen() == [("B", "on_shelf", ["A 19900"])]


def test_a_lower_sources_word_is_a_warning(brand: Source, shop: Source, as_catalog: Client) -> None:
    make.sync(brand, item("B", "A"))
    make.sync(shop, item("S", "A", shelf_status="off_shelf"))
    product_id = by_title(as_catalog)["B"]["id"]
    shown = as_catalog.get(f"/v1/products/{product_id}").json
    assert (shown["sellable"], shown["warnings"]) == (
        True,
        [{"source": shop.code, "external_id": "S", "shelf_status": "off_shelf"}],
    )
    make.sync(shop, item("S", "A", version=2))
    assert as_catalog.get(f"/v1/products/{product_id}").json["warnings"] == []


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_three_sources_and_who_takes_over(
    brand: Source, shop: Source, erp: Source, as_catalog: Client, order: tuple[int, ...]
) -> None:
    """Retired one after the other; who is back says again what it said."""
    sources = [brand, shop, erp]
    names = ["B", "S", "E"]
    for n in order:
        make.sync(sources[n], item(names[n], "A", price_fen=100 * (n + 1)))
    assert seen() == [("B", "on_shelf", ["A 100"])]
    product_id = by_title(as_catalog)["B"]["id"]
    for n in (0, 1):
        assert as_catalog.patch(f"/v1/sources/{sources[n].code}", json={"retired": True}).json["retired"] is True
        assert seen() == [(names[n + 1], "on_shelf", [f"A {100 * (n + 2)}"])]
        assert by_title(as_catalog)[names[n + 1]]["id"] == product_id
    assert as_catalog.patch(f"/v1/sources/{erp.code}", json={"retired": True}).status_code == 200
    assert seen() == [("E", "off_shelf", ["A 300"])], "nobody is left to vouch for it"
    assert as_catalog.patch(f"/v1/sources/{shop.code}", json={"retired": False}).status_code == 200
    assert seen() == [("S", "on_shelf", ["A 200"])]


def test_a_retired_source_takes_nothing(brand: Source, shop: Source, as_catalog: Client) -> None:
    make.sync(brand, item("B", "A"), item("B2", "A2"))
    make.sync(shop, item("S", "A"))
    as_catalog.patch(f"/v1/sources/{brand.code}", json={"retired": True})
    assert seen() == [("B2", "off_shelf", ["A2 19900"]), ("S", "on_shelf", ["A 19900"])]
    for path in ("imports", "products"):
        answer = as_catalog.post(f"/v1/sources/{brand.code}/{path}", data=b'{"items": []}')
        assert (answer.status_code, answer.json["code"]) == (409, "source_retired")


def test_a_source_that_comes_back_says_what_it_said_last(brand: Source, shop: Source, as_catalog: Client) -> None:
    """Its own products, those that others list as well, and one that it had off the shelf."""
    words = [
        item("B", "A", price_fen=900),
        item("B2", "A2", shelf_status="presale", reason="spring"),
        item("B3", "A3", shelf_status="off_shelf", reason="old"),
    ]
    make.sync(brand, *words)
    make.sync(shop, item("S", "A"))
    before = (seen(), {title: row["id"] for title, row in by_title(as_catalog).items()})
    for _ in range(2):
        as_catalog.patch(f"/v1/sources/{brand.code}", json={"retired": True})
        assert seen() == [
            ("B2", "off_shelf", ["A2 19900"]),
            ("B3", "off_shelf", ["A3 19900"]),
            ("S", "on_shelf", ["A 19900"]),
        ]
        as_catalog.patch(f"/v1/sources/{brand.code}", json={"retired": False, "name": "Back"})
        assert (seen(), {title: row["id"] for title, row in by_title(as_catalog).items()}) == before
    assert {title: row["shelf_reason"] for title, row in by_title(as_catalog).items()} == {
        "B": None,
        "B2": "spring",
        "B3": "old",
    }
    assert make.sync(brand, *words) == ["unchanged"] * 3


def test_two_retired_sources_come_back_in_either_order(brand: Source, shop: Source, as_catalog: Client) -> None:
    make.sync(brand, item("B", "A", price_fen=900))
    make.sync(shop, item("S", "A", price_fen=100))
    for first, last in ((brand, shop), (shop, brand)):
        for source in (first, last):
            as_catalog.patch(f"/v1/sources/{source.code}", json={"retired": True})
        assert [row[1] for row in seen()] == ["off_shelf"]
        for source in (first, last):
            as_catalog.patch(f"/v1/sources/{source.code}", json={"retired": False})
        assert seen() == [("B", "on_shelf", ["A 900"])]


def test_imports_end_when_their_source_is_retired(shop: Source, as_catalog: Client) -> None:
    run = as_catalog.post(f"/v1/sources/{shop.code}/imports", data=lines(2)).json
    as_catalog.patch(f"/v1/sources/{shop.code}", json={"retired": True})
    work()
    assert as_catalog.get(f"/v1/sync-runs/{run['id']}").json["state"] == "cancelled"
    assert seen() == []


def test_a_product_that_is_another_sources_to_say_tells_so(brand: Source, shop: Source, as_catalog: Client) -> None:
    make.sync(brand, item("B", "A"), item("B2", "A2"))
    make.sync(shop, item("S", "A", shelf_status="off_shelf"))
    ours = by_title(as_catalog)["B"]["id"]
    listed = as_catalog.get(f"/v1/products/{ours}/listings").json["items"]
    [theirs] = [row["product_id"] for row in listed if row["source"] == shop.code]
    shown = as_catalog.get(f"/v1/products/{theirs}").json
    assert (shown["source"], shown["sellable"], shown["blocked_by"], shown["warnings"]) == (
        shop.code,
        False,
        "other_source",
        [],
    )
    deciding = {"source": brand.code, "external_id": "B", "shelf_status": "on_shelf", "product_id": ours}
    assert shown["decided_by"] == [deciding]
    assert as_catalog.get(f"/v1/products/{ours}").json["decided_by"] == []


def test_a_product_without_skus_is_blocked_by_its_source(brand: Source, as_catalog: Client) -> None:
    make.sync(brand, item("B", "A"))
    with unit_of_work():
        db.session.execute(text("UPDATE sku SET listed = false"))
    assert by_title(as_catalog)["B"]["blocked_by"] == "brand"


def test_a_rank_that_changes_decides_at_once(brand: Source, shop: Source, as_catalog: Client) -> None:
    make.sync(brand, item("B", "A", price_fen=900))
    make.sync(shop, item("S", "A", price_fen=100))
    assert as_catalog.patch(f"/v1/sources/{shop.code}", json={"rank": 1}).json["rank"] == 1
    assert seen() == [("B", "on_shelf", ["A 900"])], "of equal ranks the one that was set up first"
    as_catalog.patch(f"/v1/sources/{brand.code}", json={"rank": 9})
    assert seen() == [("S", "on_shelf", ["A 100"])]


def test_an_unlinked_listing_gives_way_until_it_is_linked(brand: Source, shop: Source, as_catalog: Client) -> None:
    make.sync(brand, item("B", "A", shelf_status="off_shelf"), item("B2", "A2"))
    make.sync(shop, item("S", "A", price_fen=100))
    product_id = by_title(as_catalog)["B"]["id"]
    path = f"/v1/products/{product_id}/listings"
    assert [(row["source"], row["decides"]) for row in as_catalog.get(path).json["items"]] == [
        (brand.code, True),
        (shop.code, False),
    ]
    unlinked = as_catalog.post(f"{path}/{brand.code}/unlink")
    assert [(row["source"], row["decides"], row["unlinked"]) for row in unlinked.json["items"]] == [
        (shop.code, True, False),
        (brand.code, False, True),
    ]
    assert seen() == [("B2", "on_shelf", ["A2 19900"]), ("S", "on_shelf", ["A 100"])]
    assert by_title(as_catalog)["S"]["id"] == product_id
    make.sync(brand, item("B", "A", version=2, price_fen=7))
    assert seen() == [("B2", "on_shelf", ["A2 19900"]), ("S", "on_shelf", ["A 100"])]
    as_catalog.post(f"{path}/{brand.code}/link")
    assert seen() == [("B", "on_shelf", ["A 7"]), ("B2", "on_shelf", ["A2 19900"])]
    alone = by_title(as_catalog)["B2"]["id"]
    answer = as_catalog.post(f"/v1/products/{alone}/listings/{brand.code}/unlink")
    assert (answer.status_code, answer.json["code"]) == (409, "listing_unrivalled")
    answer = as_catalog.post(f"/v1/products/{alone}/listings/{shop.code}/unlink")
    assert (answer.status_code, answer.json["code"]) == (404, "listing_not_found")
    logged = fetch_all(text("SELECT actor_kind FROM audit_entry WHERE table_name = 'product'"))
    assert {row["actor_kind"] for row in logged} == {"staff"}


def test_content_of_a_shops_product_goes_on_when_the_brand_takes_over(
    brand: Source, shop: Source, as_catalog: Client
) -> None:
    product = make.product(source=shop, external_id="S", sku_codes=["A"])
    make.sync(brand, make.product_item(external_id="B", sku_codes=["A"], title="玫瑰面霜", tags=["new"]))
    [row] = fetch_all(text("SELECT external_id FROM product WHERE NOT shadowed AND id = :id"), {"id": product.id})
    assert row["external_id"] == "B"
    for found_by in ({"q": "玫瑰"}, {"q": "mgms"}, {"tag": "new"}):
        found = as_catalog.get("/v1/products", query_string=found_by).json["items"]
        assert [row["id"] for row in found] == [str(product.id)], found_by


def test_tags_come_in_and_are_answered(brand: Source, as_catalog: Client) -> None:
    make.sync(brand, item("B", "A", tags=["夏季 ", "ｓａｌｅ", "夏季"]))
    product_id = by_title(as_catalog)["B"]["id"]
    assert as_catalog.get(f"/v1/products/{product_id}").json["tags"] == ["sale", "夏季"]
    make.sync(brand, item("B", "A", version=2))
    assert as_catalog.get(f"/v1/products/{product_id}").json["tags"] == []


def test_a_shop_beside_the_brand_that_nobody_ranked(source: Source, as_catalog: Client) -> None:
    """The brand was set up first; the shop's file is taken all the same."""
    shop = make.source(code="a-shop", file_format="shopify")
    make.sync(source, item("SG00107", "SG00107-400ml", price_fen=12900))
    head = "Handle,Title,Vendor,Type,Published,Option1 Name,Option1 Value,Variant SKU,Variant Price,Status\n"
    row = "camellia-shampoo,Camellia shampoo,木槿堂,Hair,true,Title,Default Title,SG00107-400ml,99.00,active\n"
    run = as_catalog.post(f"/v1/sources/{shop.code}/imports", data=(head + row).encode()).json
    work()
    run = as_catalog.get(f"/v1/sync-runs/{run['id']}").json
    assert (run["state"], counts(run)) == ("done", {"created": 1})
    assert seen() == [("SG00107", "on_shelf", ["SG00107-400ml 12900"])]
    product_id = by_title(as_catalog)["SG00107"]["id"]
    listed = as_catalog.get(f"/v1/products/{product_id}/listings").json["items"]
    assert [(row["source"], row["external_id"]) for row in listed] == [
        (source.code, "SG00107"),
        (shop.code, "camellia-shampoo"),
    ]


LISTINGS = text("""
SELECT p.external_id || ' ' || k.code AS listed FROM sku_listing l
JOIN product p ON p.id = l.product_id JOIN sku k ON k.id = l.sku_id ORDER BY 1
""")


def test_below_another_source_a_code_belongs_to_one_product_too(brand: Source, erp: Source) -> None:
    make.sync(brand, item("B", "C"))
    assert make.sync(erp, item("E1", "C", "D")) == ["created"]
    assert make.sync(erp, item("E2", "C")) == ["rejected"]
    assert make.sync(erp, item("E1", "D", version=2), item("E2", "C")) == ["updated", "created"]
    assert [row["listed"] for row in fetch_all(LISTINGS)] == ["E2 C"]
    assert make.sync(erp, item("E1", "C", "D", version=3)) == ["rejected"]


def test_who_lost_a_code_to_its_own_source_is_shadowed_by_what_is_left(
    brand: Source, erp: Source, as_catalog: Client
) -> None:
    make.sync(brand, item("B", "A"))
    make.sync(erp, item("E1", "A", "C"))
    snapshot = lines(1, skus=[{"code": "C", "price": 100}])
    as_catalog.post(f"/v1/sources/{erp.code}/imports?mode=snapshot", data=snapshot)
    work()
    assert [row[0] for row in seen()] == ["B", "P0"]
