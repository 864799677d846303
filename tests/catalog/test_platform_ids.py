"""What a platform calls a product by is what it is: SKUs and handles are names, which change and change hands."""

from typing import Any

import pytest

from models import Source
from tests import make
from tests.catalog.sending import Send, counts
from tests.client import Client

WOO = "ID,Type,SKU,Name,Published,Regular price,Parent\n"


@pytest.fixture
def shop(app: object) -> Source:
    return make.source(file_format="woocommerce")


def woo(*rows: str) -> str:
    """Rows of number, SKU, price and, of a variation, its parent."""
    lines = []
    for number, sku, price, *parent in (row.split() for row in rows):
        kind = "variation" if parent else "simple" if price != "-" else "variable"
        cells = [number, kind, sku.strip("-"), f"Product {number}", "1", price.strip("-"), *(parent or [""])]
        lines.append(",".join(cells) + "\n")
    return WOO + "".join(lines)


def shelf(client: Client) -> dict[str, dict[str, Any]]:
    """What is on the shelf, by title."""
    rows = client.get("/v1/products?shelf_status=on_shelf").json["items"]
    return {row["title"]: client.get(f"/v1/products/{row['id']}").json for row in rows}


def told(client: Client) -> dict[str, tuple[str, str, list[str]]]:
    """Of each title the id, what the source calls it, and its codes."""
    return {
        title: (row["id"], row["external_id"], [sku["code"] for sku in row["skus"]])
        for title, row in shelf(client).items()
    }


@pytest.mark.parametrize("mode", ["upsert", "snapshot"])
def test_a_sku_that_changes_is_a_name(send: Send, shop: Source, as_catalog: Client, block: int, mode: str) -> None:
    send(shop, woo("10 A 5.00"))
    [before] = told(as_catalog).values()
    run = send(shop, woo("10 B 5.00"), mode=mode)
    assert (told(as_catalog), counts(run)) == ({"Product 10": (before[0], "B", ["B"])}, {"updated": 1})
    assert counts(send(shop, woo("10 B 5.00"), mode=mode)) == {"unchanged": 1}


@pytest.mark.parametrize("mode", ["upsert", "snapshot"])
def test_skus_that_change_hands(send: Send, shop: Source, as_catalog: Client, block: int, mode: str) -> None:
    send(shop, woo("10 A 5.00", "11 B 6.00", "12 C 7.00"))
    before = told(as_catalog)
    send(shop, woo("10 B 5.00", "11 C 6.00", "12 A 7.00"), mode=mode)
    assert told(as_catalog) == {
        "Product 10": (before["Product 10"][0], "B", ["B"]),
        "Product 11": (before["Product 11"][0], "C", ["C"]),
        "Product 12": (before["Product 12"][0], "A", ["A"]),
    }


@pytest.mark.parametrize("mode", ["upsert", "snapshot"])
def test_a_freed_sku_of_another_product(send: Send, shop: Source, as_catalog: Client, block: int, mode: str) -> None:
    send(shop, woo("10 A 5.00"))
    [before] = told(as_catalog).values()
    send(shop, woo("11 A 9.00", "10 A-OLD 5.00"), mode=mode)
    after = told(as_catalog)
    assert after["Product 10"] == (before[0], "A-OLD", ["A-OLD"])
    assert after["Product 11"][0] != before[0]
    assert after["Product 11"][1:] == ("A", ["A"])


def test_a_variable_product_that_gets_a_sku(send: Send, shop: Source, as_catalog: Client, block: int) -> None:
    send(shop, woo("10 - -", "11 - 5.00 id:10", "12 - 6.00 id:10"))
    [before] = told(as_catalog).values()
    assert before[1:] == ("id:10", ["id:11", "id:12"])
    send(shop, woo("11 TEE-S 5.00 TEE", "12 TEE-M 6.00 TEE", "10 TEE -"), mode="snapshot")
    assert told(as_catalog) == {"Product 10": (before[0], "TEE", ["TEE-M", "TEE-S"])}


def test_a_product_that_was_made_anew_with_the_same_sku(send: Send, shop: Source, as_catalog: Client) -> None:
    """No two products of a shop have one SKU: contents and forwards of the old one go on with the new one."""
    send(shop, woo("10 A 5.00"))
    [before] = told(as_catalog).values()
    send(shop, woo("20 A 5.00"))
    assert told(as_catalog) == {"Product 20": before}
    send(shop, woo("20 B 5.00"))
    assert told(as_catalog) == {"Product 20": (before[0], "B", ["B"])}


def test_a_bad_row_under_a_new_sku_leaves_the_product_as_it_was(
    send: Send, shop: Source, as_catalog: Client, block: int
) -> None:
    send(shop, woo("10 A 5.00", "11 B 6.00"))
    before = told(as_catalog)
    run = send(shop, woo("10 A-NEW 5.0o", "11 B 6.00"), mode="snapshot")
    assert (told(as_catalog), counts(run)) == (before, {"unchanged": 1, "rejected": 1})
    [reject] = as_catalog.get(f"/v1/sync-runs/{run['id']}/rejects").json["items"]
    assert (reject["external_id"], reject["code"]) == ("A", "price_unreadable")


def test_shopifys_ids_where_a_file_has_them(send: Send, as_catalog: Client, block: int) -> None:
    source = make.source(file_format="shopify")
    head = "ID,Variant ID,Handle,Title,Variant SKU,Variant Price\n"
    send(source, f"{head}7,71,tea,Tea,T-1,5.00\n8,81,mug,Mug,M-1,6.00\n")
    before = told(as_catalog)
    send(source, f"{head}7,71,mug,Tea,T-2,5.00\n8,81,tea,Mug,M-2,6.00\n")
    assert told(as_catalog) == {
        "Tea": (before["Tea"][0], "mug", ["T-2"]),
        "Mug": (before["Mug"][0], "tea", ["M-2"]),
    }


@pytest.mark.parametrize("way", ["woocommerce", "shopify", "table", "native"])
def test_a_variant_is_found_by_its_platforms_id(send: Send, as_catalog: Client, as_guide: Client, way: str) -> None:
    files = {
        "woocommerce": woo("10 TEE -", "4711 TEE-S 5.00 TEE", "4712 TEE-M 6.00 TEE"),
        "shopify": "Handle,Title,Variant ID,Option1 Value,Variant SKU,Variant Price\n"
        "tee,Product 10,4711,S,TEE,5.00\ntee,,4712,M,TEE,6.00\n",
        "table": "external_id,title,sku,variant_id,price\ntee,Product 10,TEE-S,4711,5\ntee,Product 10,TEE-M,4712,6\n",
        "native": '{"external_id": "tee", "title": "Product 10", "brand": "B", "category": "C", "shelf_status": '
        '"on_shelf", "skus": [{"code": "TEE-S", "price": 500, "variant_id": "4711"}, '
        '{"code": "TEE-M", "price": 600, "variant_id": "4712"}]}\n',
    }
    send(make.source(file_format=way), files[way])
    [found] = as_guide.get("/v1/products?q=4712").json["items"]
    assert (found["title"], found["price"]["amount"]) == ("Product 10", 600), "the variant that was looked for"
    assert as_guide.get("/v1/products?q=471").json["items"] == [], "exactly, and not by how it begins"
    skus = as_guide.get(f"/v1/products/{found['id']}").json["skus"]
    assert {sku["variant_id"]: sku["price"]["amount"] for sku in skus} == {"4711": 500, "4712": 600}


def test_a_shops_variant_id_finds_what_the_brand_says(as_guide: Client) -> None:
    brand, shop = make.source(rank=1), make.source(rank=2)
    make.sync(brand, make.product_item(title="Brand's", sku_codes=["A"]))
    item = make.product_item(title="Shop's", sku_codes=["A"])
    sku = item.skus[0].__class__(code="A", price=1, variant_id="4711")
    make.sync(shop, item.__class__(**{**{f: getattr(item, f) for f in item.__struct_fields__}, "skus": [sku]}))
    assert [row["title"] for row in as_guide.get("/v1/products?q=4711").json["items"]] == ["Brand's"]


def test_a_variant_id_that_a_spreadsheet_broke_is_told(send: Send, as_catalog: Client) -> None:
    source = make.source(file_format="table")
    run = send(source, "external_id,title,variant_id,price\ntee,Tee,4.71E+13,5\nmug,Mug,4712,6\n")
    [reject] = as_catalog.get(f"/v1/sync-runs/{run['id']}/rejects").json["items"]
    assert (reject["external_id"], reject["field"], reject["code"]) == ("tee", "variant_id", "broken_by_spreadsheet")
