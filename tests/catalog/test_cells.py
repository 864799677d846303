"""What cells of product files hold beside what they show, in every format: read as a person reads them, or told."""

import io
from typing import Any

import pytest
import xlsxwriter

from models import Source
from tests import make
from tests.catalog.sending import Send, counts, work
from tests.catalog.test_formats import read, skus
from tests.client import Client
from tests.malicious_files import row, rows, workbook

TABLE = "external_id,sku,title,price,barcode\n"
SHOPIFY = (
    "Handle,Title,Option1 Name,Option1 Value,Variant SKU,Variant Price,Variant Barcode,Status,"
    "Variant Inventory Tracker,Variant Inventory Qty,Variant Inventory Policy\n"
)
WOO = "ID,Type,SKU,Name,Published,Regular price,Parent\n"


def told(bad: list[Any]) -> list[tuple[str | None, str | None, str]]:
    return [(row.external_id, row.field, row.code) for row in bad]


@pytest.mark.parametrize(
    "written",
    [
        "P1,K1,Tea,12.90,6901234567892",
        "\u00a0P1\u00a0,\u200bK1\u200e,Tea\ufeff,12.90\u200b,\u202d6901234567892\u202c",
        "\ufeffP1,K\u200b1,Tea,12.90,6901234567892",
        "'P1,'K1,Tea,'12.90,'6901234567892",
        '="P1",="K1",="Tea",="12.90",="6901234567892"',
        '"=""P1""","=""K1""",Tea,"=""12.90""","=""6901234567892"""',
        "P1,K\u200d1,Tea,１２．９０,６９０１２３４５６７８９２",
        "P1,K1,Tea,￥12.90元,6 901234 567892",
        "\tP1,K1 ,Tea,12.90\u202f,6901234567892\t",
    ],
)
@pytest.mark.parametrize("head", [TABLE, f"\u200b{TABLE}", f"sep=,\r\n{TABLE}", TABLE.replace(",", "\u00a0,")])
def test_a_cell_is_what_a_person_sees(head: str, written: str) -> None:
    items, bad = read(f"{head}{written}\n", "table")
    assert bad == []
    assert (items["P1"].title, skus(items["P1"])) == ("Tea", [("K1", 1290, None, True)])
    assert items["P1"].skus[0].barcode == "6901234567892"


@pytest.mark.parametrize(
    ("encoding", "title"),
    [
        ("utf-16", "玫瑰"),
        ("utf-16-le", "玫瑰"),
        ("utf-16-be", "玫瑰"),
        ("utf-32", "玫瑰"),
        ("gb18030", "𠮷㐀䶮"),
        ("gb18030", "𠮷"),
    ],
)
@pytest.mark.parametrize("parted_by", ",\t;|")
def test_encodings_and_delimiters(encoding: str, title: str, parted_by: str) -> None:
    content = f"{TABLE}P1,K1,{title},12.90,\n".replace(",", parted_by)
    items, bad = read(content.encode(encoding), "table")
    assert (items["P1"].title, bad) == (title, [])


@pytest.mark.parametrize("written", ["129,-", "129.-", "129,–", "129,-- €", "€ 129,-", "129,00", "129"])
def test_prices_without_cents(written: str) -> None:
    items, _ = read(f'{TABLE}P1,K1,Tea,"{written}",\n', "table", currency="EUR")
    assert skus(items["P1"]) == [("K1", 12900, None, True)]


@pytest.mark.parametrize(
    "written",
    ["129元/瓶", "129.00起", "50%", "1.29E+2", "-5", "=12.9", "12.905", "12-90", "EUR 12.90", "面议", "129~159"],
)
def test_what_is_no_price_is_told(written: str) -> None:
    _, bad = read(f"{TABLE}P1,K1,Tea,{written},\n", "table")
    assert told(bad) == [("P1", "price", "price_unreadable")]


@pytest.mark.parametrize("nothing", ["-", "N/A", "NULL", "无", "暂无", "——", "none"])
def test_what_says_that_there_is_no_code_makes_no_product(nothing: str) -> None:
    """Else all products without a code would be variants of one."""
    items, bad = read(f"{TABLE}{nothing},K1,Tea,1,\n{nothing},K2,Mug,2,\nP3,{nothing},Cup,3,\n", "table")
    assert items == {}
    assert told(bad) == [("P3", "sku", "id_missing"), *[(None, "external_id", "id_missing")] * 2]
    items, _ = read(f"{TABLE}P1,K1,Tea,1,{nothing}\n", "table")
    assert items["P1"].skus[0].barcode is None


@pytest.mark.parametrize("failed", ["#N/A", "#REF!", "#VALUE!", "####", "#NAME?"])
@pytest.mark.parametrize("column", ["title", "brand", "category", "reason", "tags", "sku", "external_id"])
def test_what_became_of_a_formula_is_nobodys_text(column: str, failed: str) -> None:
    cells = {"external_id": "P1", "sku": "K1", "title": "Tea", "brand": "B", "category": "C", "reason": "", "tags": "a"}
    cells |= {"price": "1", column: failed}
    items, bad = read(f"{','.join(cells)}\n{','.join(cells.values())}\n", "table")
    assert (items, [(row.field, row.line_no) for row in bad]) == ({}, [(column, 2)])
    assert bad[0].code == ("broken_by_spreadsheet" if column in ("sku", "external_id") else "cell_failed")


@pytest.mark.parametrize(
    ("file_format", "content"),
    [
        ("shopify", f"{SHOPIFY}tea,#N/A,,,T,1,,active,,,\n"),
        ("woocommerce", f"{WOO}1,simple,tea,#N/A,1,1,\n"),
    ],
)
def test_platforms_files_that_went_through_a_spreadsheet(file_format: str, content: str) -> None:
    items, bad = read(content, file_format)
    assert (items, [(row.external_id, row.code) for row in bad]) == ({}, [("tea", "cell_failed")])


def test_a_column_that_is_there_twice_is_asked_about(as_catalog: Client, source: Source) -> None:
    shop = make.source(file_format="table")
    answer = as_catalog.post(f"/v1/sources/{shop.code}/imports", data="external_id,title,price,price\nP1,T,1,2\n")
    work()
    run = as_catalog.get(f"/v1/sync-runs/{answer.json['id']}").json
    assert (run["state"], run["problem_code"]) == ("failed", "columns_repeated")
    assert "price" in run["problem"]


def test_a_formula_that_was_never_worked_out_is_told() -> None:
    """Programs that write workbooks write the formula alone; a spreadsheet program keeps what it gave."""
    cells = '<c r="A{n}" t="inlineStr"><is><t>P{n}</t></is></c><c r="C{n}" t="inlineStr"><is><t>T</t></is></c>'
    lines = [
        f'<row r="{n}">{cells.format(n=n)}{price}</row>'
        for n, price in enumerate(
            [
                '<c r="D2"><f>19.9*3</f></c>',
                '<c r="D3"><f>19.9*3</f><v></v></c>',
                '<c r="D4"><f>19.9*3</f><v>59.699999999999996</v></c>',
                '<c r="D5"><f t="shared" ref="D5:D6" si="0">1+4</f><v>5</v></c>',
                '<c r="D6"><f t="shared" si="0"/><v>6</v></c>',
                '<c r="D7"><v>7</v></c><c r="E7" t="str"><f>IF(A7="","x","")</f><v></v></c>',
            ],
            2,
        )
    ]
    items, bad = read(workbook(rows(TABLE.strip(), *lines)), "table")
    assert told(bad) == [("P2", "price", "price_unreadable"), ("P3", "price", "price_unreadable")]
    assert {name: item.skus[0].price for name, item in items.items()} == {"P4": 5970, "P5": 500, "P6": 600, "P7": 700}
    assert items["P7"].skus[0].barcode is None


def test_cells_of_a_workbook_as_programs_write_them() -> None:
    file = io.BytesIO()
    book = xlsxwriter.Workbook(file, {"date_1904": True})
    sheet = book.add_worksheet()
    percent, day = book.add_format({"num_format": "0%"}), book.add_format({"num_format": "yyyy-mm-dd"})
    sheet.write_row(0, 0, TABLE.strip().split(","))
    sheet.write_rich_string(1, 0, "P", book.add_format({"bold": True}), "1")
    sheet.write_row(1, 1, ["\u200eK1", "Tea"])
    sheet.write_number(1, 3, 12.9)
    sheet.write_string(1, 4, "'6901234567892")
    sheet.write_row(2, 0, ["P2", "K2", "Half"])
    sheet.write_number(2, 3, 0.5, percent)
    sheet.write_row(3, 0, ["P3", "", "Day", 1])
    sheet.write_number(3, 1, 20_000, day)
    sheet.write_row(4, 0, ["P4", "K4", "Long", 1])
    sheet.write_number(4, 4, 6901234567890123)
    book.close()
    items, bad = read(file.getvalue(), "table")
    assert {name: skus(item) for name, item in items.items()} == {"P1": [("K1", 1290, None, True)]}
    assert items["P1"].skus[0].barcode == "6901234567892"
    assert told(bad) == [
        ("P2", "price", "price_unreadable"),
        ("P3", "sku", "broken_by_spreadsheet"),
        ("P4", "barcode", "barcode_unreadable"),
    ]


def test_inline_texts_with_marks() -> None:
    items, bad = read(workbook(rows(TABLE.strip(), row(2, "\ufeffP1", "'K1", "Tea", "1", "="))), "table")
    assert (items, told(bad)) == ({}, [("P1", "barcode", "barcode_unreadable")])
    items, _ = read(workbook(rows(TABLE.strip(), row(2, "\ufeffP1", "'K1", "Tea", "1"))), "table")
    assert skus(items["P1"]) == [("K1", 100, None, True)]


def test_a_shopify_variant_without_a_price_is_told(send: Send, as_catalog: Client) -> None:
    """Before, it was dropped without a word; rows of further pictures have neither price nor anything of a variant."""
    source = make.source(file_format="shopify")
    rows = "tee,Tee,Size,S,TEE-S,10.00,,active,,,\ntee,,,M,TEE-M,{},,,,,\ntee,,,,,,,,,,\n"
    send(source, SHOPIFY + rows.format("12.00"))
    run = send(source, SHOPIFY + rows.format("") + "mug,Mug,,,M,5,,active,,,\n", mode="snapshot")
    assert counts(run) == {"created": 1, "rejected": 1}
    [reject] = as_catalog.get(f"/v1/sync-runs/{run['id']}/rejects").json["items"]
    assert (reject["line_no"], reject["external_id"], reject["code"]) == (3, "tee", "price_missing")
    shown = as_catalog.get("/v1/products?q=tee-m").json["items"]
    assert [(row["title"], row["sellable"]) for row in shown] == [("Tee", True)]


@pytest.mark.parametrize(
    ("left", "in_stock"), [("0", False), ("0.0", False), ("-2", False), ("", False), ("5.0", True)]
)
def test_what_is_left_of_a_shopify_variant(left: str, in_stock: bool) -> None:
    items, _ = read(f"{SHOPIFY}tee,Tee,,,T,1,,active,shopify,{left},deny\n", "shopify")
    assert items["tee"].skus[0].in_stock is in_stock


@pytest.mark.parametrize("status", ["Aktiv", "1", "#N/A", "上架"])
def test_a_status_that_shopify_does_not_know_takes_nothing_down(status: str) -> None:
    items, bad = read(f"{SHOPIFY}tee,Tee,,,T,1,,{status},,,\n", "shopify")
    assert (items, [row.code for row in bad]) == ({}, ["status_unknown"])


@pytest.mark.parametrize(
    ("published", "status"),
    [("1", "on_shelf"), ("1.0", "on_shelf"), ("TRUE", "on_shelf"), ("0", "off_shelf"), ("-1", "off_shelf"),
     ("-1.0", "off_shelf"), ("FALSE", "off_shelf"), ("ja?", None), ("2", None)],
)  # fmt: skip
def test_published_as_a_spreadsheet_leaves_it(published: str, status: str | None) -> None:
    items, bad = read(f"{WOO}1,simple,A,Tea,{published},5,\n", "woocommerce")
    if status is None:
        assert (items, [row.code for row in bad]) == ({}, ["flag_unreadable"])
    else:
        assert items["A"].shelf_status == status


@pytest.mark.parametrize("mode", ["upsert", "snapshot"])
def test_variations_that_name_their_parent_by_its_number(send: Send, as_catalog: Client, mode: str) -> None:
    source = make.source(file_format="woocommerce")
    rows = "11,variation,TEE-S,S,1,5,id:10\n10,variable,'TEE,Tee,1,,\n12,variation,TEE-M,M,1,{},TEE\n"
    assert counts(send(source, WOO + rows.format("6"), mode=mode)) == {"created": 1}
    [found] = as_catalog.get("/v1/products").json["items"]
    shown = as_catalog.get(f"/v1/products/{found['id']}").json
    assert [sku["code"] for sku in shown["skus"]] == ["TEE-M", "TEE-S"]
    bad = WOO + rows.format("6").replace("1,5,id:10", "1,5.oo,id:10")
    assert counts(send(source, bad, mode=mode)) == {"rejected": 1}, "the product stays whole"
    shown = as_catalog.get(f"/v1/products/{found['id']}").json
    assert ([sku["code"] for sku in shown["skus"]], shown["shelf_status"]) == (["TEE-M", "TEE-S"], "on_shelf")


def test_native_files_that_were_put_together(send: Send, as_catalog: Client, source: Source) -> None:
    line = (
        '{{"external_id":"{0}","title":"t","brand":"b","category":"c","shelf_status":"on_shelf",'
        '"skus":[{{"code":"{0}","price":1}}]}}'
    )
    content = f"\ufeff{line.format('A')}\r\n\r\n\ufeff{line.format('B')}\r\n"
    assert counts(send(source, content)) == {"created": 2}
    for encoding in ("utf-16", "utf-16-le", "utf-16-be", "utf-32"):
        answer = as_catalog.post(f"/v1/sources/{source.code}/imports", data=f"{line.format('A')}\n".encode(encoding))
        work()
        run = as_catalog.get(f"/v1/sync-runs/{answer.json['id']}").json
        assert (run["state"], run["problem_code"]) == ("failed", "encoding_unknown"), encoding
