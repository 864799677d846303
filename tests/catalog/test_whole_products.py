"""A product is taken whole or stays as it was, whichever of its rows cannot be used."""

import io
import json
from collections.abc import Callable
from typing import Any

import pytest
from openpyxl import Workbook

from models import Source
from tests import make
from tests.catalog.read import catalog
from tests.catalog.sending import counts, work
from tests.client import Client

TABLE = "external_id,sku,title,price\n"
GOOGLE = "id\titem_group_id\ttitle\tprice\tavailability\n"
SHOPIFY = "Handle,Title,Option1 Name,Option1 Value,Variant SKU,Variant Price,Status\n"
WOO = "ID,Type,SKU,Name,Published,Regular price,In stock?,Parent\n"

Send = Callable[..., dict[str, Any]]


@pytest.fixture
def send(as_catalog: Client) -> Send:
    """Send a file to a source and have it worked on; answers the run with its `rejects`."""

    def send_file(source: Source, content: str | bytes, mode: str = "upsert") -> dict[str, Any]:
        answer = as_catalog.post(f"/v1/sources/{source.code}/imports", data=content, query_string={"mode": mode})
        assert answer.status_code == 202, answer.text
        work()
        run = as_catalog.get(f"/v1/sync-runs/{answer.json['id']}").json
        return {**run, "rejects": as_catalog.get(f"/v1/sync-runs/{run['id']}/rejects").json["items"]}

    return send_file


def skus() -> dict[str, list[str]]:
    """Code and price of what each product on the shelf sells."""
    on_shelf = [product for product in catalog() if product["shelf_status"] == "on_shelf"]
    return {product["external_id"]: [sku.rpartition(" ")[0] for sku in product["skus"]] for product in on_shelf}


# Of a file: its format, the rows as they are right, and those of the next file, in which one cannot be used.
CASES = {
    "a digit too many": ("table", TABLE, ["Z,Z-S,T,10", "Z,Z-M,T,12"], ["Z,Z-S,T,11", "Z,Z-M,T,12.999"]),
    "the first row": ("table", TABLE, ["Z,Z-S,T,10", "Z,Z-M,T,12"], ["Z,Z-S,T,free", "Z,Z-M,T,11"]),
    "in the middle": (
        *("table", TABLE, ["Z,Z-S,T,10", "Z,Z-M,T,12", "Z,Z-L,T,14"]),
        ["Z,Z-S,T,11", "Z,Z-M,T,-", "Z,Z-L,T,15"],
    ),
    "rows far apart": (
        *("table", TABLE, ["Z,Z-S,T,10", "B,B,T,1", "Z,Z-M,T,12"]),
        ["Z,Z-S,T,11", "B,B,T,1", "Z,Z-M,T,?"],
    ),
    "every row": ("table", TABLE, ["Z,Z-S,T,10", "Z,Z-M,T,12"], ["Z,Z-S,T,?", "Z,Z-M,T,?"]),
    "a delimiter too many": ("table", TABLE, ["Z,Z-S,T,10", "Z,Z-M,T,12"], ["Z,Z-S,T,11", "Z,Z-M,T,12,9,9"]),
    "a delimiter too many in the first row": (
        *("table", TABLE, ["Z,Z-S,T,10", "Z,Z-M,T,12"]),
        ["Z,Z-S,a,T,11", "Z,Z-M,T,13"],
    ),
    "a merged cell": ("table", TABLE, ["Z,Z-S,T,10", "Z,Z-M,T,12"], ["Z,Z-S,T,11", ",Z-M,T,12"]),
    "two SKUs of one code": ("table", TABLE, ["Z,Z-S,T,10", "Z,Z-M,T,12"], ["Z,Z-S,T,11", "Z,Z-S,T,12"]),
    "google": (
        *("google", GOOGLE, ["Z-S\tZ\tT\t10 CNY\tin_stock", "Z-M\tZ\tT\t12 CNY\tin_stock"]),
        ["Z-S\tZ\tT\t11 CNY\tin_stock", "Z-M\tZ\tT\t12 CNY\tsoon"],
    ),
    "google, an item without an id": (
        *("google", GOOGLE, ["Z-S\tZ\tT\t10 CNY\tin_stock", "Z-M\tZ\tT\t12 CNY\tin_stock"]),
        ["Z-S\tZ\tT\t11 CNY\tin_stock", "\tZ\tT\t12 CNY\tin_stock"],
    ),
    "shopify": (
        *("shopify", SHOPIFY, ["z,T,Size,S,Z-S,10,active", "z,,,M,Z-M,12,"]),
        ["z,T,Size,S,Z-S,11,active", "z,,,M,Z-M,1.2.3,"],
    ),
    "woocommerce, a variation": (
        *("woocommerce", WOO, ["1,variable,Z,T,1,,1,", "2,variation,Z-S,T,1,10,1,Z", "3,variation,Z-M,T,1,12,1,Z"]),
        ["1,variable,Z,T,1,,1,", "2,variation,Z-S,T,1,11,1,Z", "3,variation,Z-M,T,1,12,maybe,Z"],
    ),
    "woocommerce, a variation without a number": (
        *("woocommerce", WOO, ["1,variable,Z,T,1,,1,", "2,variation,Z-S,T,1,10,1,Z", "3,variation,Z-M,T,1,12,1,Z"]),
        ["1,variable,Z,T,1,,1,", "2,variation,Z-S,T,1,11,1,Z", ",variation,,T,1,12,1,Z"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("mode", ["upsert", "snapshot"])
@pytest.mark.parametrize("case", CASES)
def test_a_product_with_a_bad_row_stays_as_it_was(send: Send, as_catalog: Client, case: str, mode: str) -> None:
    file_format, head, right, wrong = CASES[case]
    source = make.source(file_format=file_format)
    other = right[0].replace("Z", "Q").replace("z", "q").replace("1,variable", "9,simple").replace("T,1,,", "T,1,5,")
    assert send(source, "\n".join([head.strip(), *right, other, ""]))["state"] == "done"
    before = skus()
    run = send(source, "\n".join([head.strip(), *wrong, other, ""]), mode)
    if run["state"] == "held":
        assert run["problem_code"] == "rows_nameless"
        as_catalog.post(f"/v1/sync-runs/{run['id']}/confirm")
        work()
        run = {**run, **as_catalog.get(f"/v1/sync-runs/{run['id']}").json}
    assert (run["state"], skus()) == ("done", before)
    assert counts(run) == {"unchanged": len(before) - 1, "rejected": len(run["rejects"])}
    told = run["rejects"]
    assert all(row["line_no"] and row["code"] and row["detail"] for row in told)
    assert {row["external_id"] for row in told} - {None} == {"z" if file_format == "shopify" else "Z"}
    assert send(source, "\n".join([head.strip(), *right, other, ""]), mode)["state"] == "done"
    assert skus() == before


def test_the_trial_of_a_price_with_a_digit_too_many(send: Send) -> None:
    """Alone in its file."""
    source = make.source(file_format="table")
    send(source, TABLE + "Z2,Z2-S,T,10\nZ2,Z2-M,T,12\n")
    for mode in ("upsert", "snapshot"):
        run = send(source, TABLE + "Z2,Z2-S,T,10\nZ2,Z2-M,T,12.999\n", mode)
        assert (run["state"], counts(run)) == ("done", {"rejected": 1})
        assert [(row["line_no"], row["field"], row["code"]) for row in run["rejects"]] == [
            (3, "price", "price_unreadable")
        ]
        assert skus() == {"Z2": ["Z2-M 1200", "Z2-S 1000"]}


def test_a_bad_line_of_json_leaves_the_whole_product(send: Send) -> None:
    """Two lines of one product, of which the later one cannot be read."""
    source = make.source()
    item = {"external_id": "Z", "title": "T", "brand": "B", "category": "C", "shelf_status": "on_shelf"}

    def line(version: int, price: Any) -> str:
        return json.dumps({**item, "version": version, "skus": [{"code": "Z-S", "price": price}]}) + "\n"

    send(source, line(1, 1000))
    run = send(source, line(2, 1100) + line(3, "12.00") + line(1, 1).replace("Z", "Y"))
    assert (run["state"], counts(run)) == ("done", {"created": 1, "rejected": 2})
    assert [(row["line_no"], row["code"]) for row in run["rejects"]] == [(2, "invalid_item"), (1, "product_incomplete")]
    assert skus() == {"Y": ["Y-S 1"], "Z": ["Z-S 1000"]}


def test_a_workbook_with_a_bad_row_amid_merged_cells(send: Send) -> None:
    """Name and title stand in the first row of three, over all of them."""
    source = make.source(file_format="table")

    def book(*prices: str) -> bytes:
        workbook = Workbook()
        sheet = workbook.active
        assert sheet is not None
        sheet.append(["external_id", "sku", "title", "price"])
        for size, price in zip("SML", prices, strict=True):
            sheet.append(["Z", f"Z-{size}", "T", price])
        sheet.append(["Q", "Q", "T", "5"])
        sheet.merge_cells("A2:A4")
        sheet.merge_cells("C2:C4")
        content = io.BytesIO()
        workbook.save(content)
        return content.getvalue()

    send(source, TABLE + "Z,Z-S,T,10\nZ,Z-M,T,12\nZ,Z-L,T,14\n")
    run = send(source, book("11", "free", "15"))
    assert run["state"] == "done"
    assert skus() == {"Q": ["Q 500"], "Z": ["Z-L 1400", "Z-M 1200", "Z-S 1000"]}


def test_a_snapshot_without_one_usable_row_takes_nothing_down(send: Send) -> None:
    source = make.source(file_format="table")
    send(source, TABLE + "Z,Z,T,10\nQ,Q,T,10\n")
    run = send(source, TABLE + "Z,Z,T,free\n", "snapshot")
    assert (run["state"], run["problem_code"]) == ("failed", "nothing_usable")
    assert set(skus()) == {"Q", "Z"}
