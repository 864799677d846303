"""Feeds and workbooks as they really come: decimal commas, broken codes, encodings, and cells as they show."""

import io
from typing import Any

import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st

from catalog.formats import values
from catalog.formats.mapped import ColumnMapping
from catalog.formats.pieces import BrokenFile
from catalog.formats.values import Money
from kit.words import spell
from models import Source
from tests import make
from tests.catalog.sending import counts, work
from tests.catalog.test_formats import FILES, read, skus
from tests.client import Client
from tests.malicious_files import row, rows, workbook

COMMA = ColumnMapping(decimal_sign=",")
HEADER = "external_id,sku,title,price,barcode"


def imported(client: Client, source: Source, content: bytes) -> dict[str, Any]:
    answer = client.post(f"/v1/sources/{source.code}/imports", data=content)
    assert answer.status_code == 202, answer.text
    work()
    run: dict[str, Any] = client.get(f"/v1/sync-runs/{answer.json['id']}").json
    return run


def test_a_german_shops_export() -> None:
    content = (FILES / "woocommerce-comma.csv").read_bytes()
    items, bad = read(content, "woocommerce", currency="EUR")
    assert skus(items["DE-1"]) == [("DE-1", 1290, None, True)]
    assert skus(items["DE-2"]) == [("DE-2", 119900, 129900, True)]
    assert skus(items["DE-4"]) == [("DE-4", 129900, None, True)]
    assert [(row.external_id, row.code) for row in bad] == [("DE-3", "price_unreadable")]
    items, bad = read(content, "woocommerce", currency="EUR", mapping=COMMA)
    assert {name: skus(item)[0][1] for name, item in items.items()} == {"DE-1": 1290, "DE-2": 119900, "DE-3": 129900}
    assert [(row.external_id, row.code) for row in bad] == [("DE-4", "price_unreadable")]


@pytest.mark.parametrize(
    ("written", "sign", "fen"),
    [
        *(("12,90", sign, 1290) for sign in ".,"),
        *(("1.199,00", sign, 119900) for sign in ".,"),
        *(("1,199.00", sign, 119900) for sign in ".,"),
        *(("1 299,00 €", sign, 129900) for sign in ".,"),
        *(("1'299.00", sign, 129900) for sign in ".,"),
        *(("1.234.567", sign, 123456700) for sign in ".,"),
        ("1,299", ".", 129900),
        ("1.299", ",", 129900),
        ("12.9", ",", 1290),
        ("59.70元", ".", 5970),
        ("￥１２．９０", ".", 1290),
        *(
            (wrong, sign, None)
            for wrong in ("1.299,", "1,2,90", "12 90", ",", ".", "1..5", "1,29,9.00")
            for sign in ".,"
        ),
        ("1,299", ",", None),
        ("1.299", ".", None),
        ("8.8E+15", ".", None),
    ],
)
def test_amounts_go_by_the_decimal_sign(written: str, sign: str, fen: int | None) -> None:
    if fen is not None:
        assert values.minor_units(written, Money("EUR", sign)) == fen
        return
    with pytest.raises(values.BadValue) as refusal:
        values.minor_units(written, Money("EUR", sign))
    assert refusal.value.code == "price_unreadable"


@given(st.integers(0, 10**12), st.sampled_from([".", ","]))
def test_what_is_written_with_the_sources_sign_is_read_exactly(fen: int, sign: str) -> None:
    group = "," if sign == "." else "."
    plain = f"{fen // 100}{sign}{fen % 100:02}"
    grouped = f"{fen // 100:,}".replace(",", group) + f"{sign}{fen % 100:02}"
    assert {values.minor_units(one, Money("EUR", sign)) for one in (plain, grouped)} == {fen}


def test_prices_by_formula_are_what_they_show(client: Client) -> None:
    items, bad = read((FILES / "float-noise.xlsx").read_bytes(), "table")
    assert bad == []
    assert sorted(item.skus[0].price for item in items.values()) == [5800, 5970, 51620, 124600]
    items, bad = read((FILES / "formula-price.xlsx").read_bytes(), "table")
    assert ([item.skus[0].price for item in items.values()], bad) == ([5970], [])


def test_no_code_of_a_product_is_taken_that_a_spreadsheet_broke() -> None:
    items, bad = read((FILES / "scientific.csv").read_bytes(), "table")
    assert items == {}
    assert [(row.field, row.code) for row in bad] == [
        ("external_id", "broken_by_spreadsheet"),
        ("external_id", "broken_by_spreadsheet"),
        ("sku", "broken_by_spreadsheet"),
        ("sku", "broken_by_spreadsheet"),
    ]
    assert "spreadsheet" in spell(bad[0].said, "en")


@pytest.mark.parametrize(
    ("file_format", "content"),
    [
        ("shopify", "Handle,Title,Variant SKU,Variant Price\nh,t,6.90123E+12,1\n"),
        ("woocommerce", "ID,Type,SKU,Name,Published,Regular price\n1,simple,6.90123E+12,n,1,1\n"),
        ("woocommerce", "ID,Type,SKU,Name,Published,Regular price,Parent\n1,variation,A,n,1,1,6.90123E+12\n"),
        ("google", "id\ttitle\tprice\n6.90123E+12\tt\t1 CNY\n"),
        ("google", "id\ttitle\tprice\titem_group_id\nA\tt\t1 CNY\t6.90123E+12\n"),
    ],
)
def test_no_format_takes_broken_codes(file_format: str, content: str) -> None:
    items, bad = read(content, file_format)
    assert (items, [row.code for row in bad]) == ({}, ["broken_by_spreadsheet"])


def test_pushes_and_native_files_refuse_broken_codes(integrator: Client, as_catalog: Client, source: Source) -> None:
    item = {"external_id": "A", "version": 1, "title": "t", "brand": "b", "category": "c", "shelf_status": "on_shelf"}
    for broken in ({"external_id": "6.9E+12", "skus": [{"code": "K", "price": 1}]},
                   {"skus": [{"code": "6.9E+12", "price": 1}]},
                   {"skus": [{"code": "K", "price": 1, "barcode": "6.9E+12"}]}):  # fmt: skip
        answer = integrator.post(f"/v1/sources/{source.code}/products", json={"items": [{**item, **broken}]})
        assert [one["code"] for one in answer.json["items"]] == ["broken_by_spreadsheet"]


def test_a_workbooks_cells_are_read_as_they_show() -> None:
    file = io.BytesIO()
    book = xlsxwriter.Workbook(file)
    sheet = book.add_worksheet()
    sheet.write_row(0, 0, HEADER.split(","))
    padded = book.add_format({"num_format": "0000000000000"})
    yuan = book.add_format({"num_format": "¥#,##0.00"})
    sheet.merge_range(1, 0, 2, 0, "SPU-1")
    sheet.merge_range(1, 2, 2, 2, "面霜")
    for line, (code, price, barcode) in enumerate(
        [(1, 1299.5, 69012345678), (2, 59.699999999999996, 6901234567892)], 1
    ):
        sheet.write_number(line, 1, code, book.add_format({"num_format": '"K-"000'}))
        sheet.write_number(line, 3, price, yuan)
        sheet.write_number(line, 4, barcode, padded)
    book.close()
    items, bad = read(file.getvalue(), "table")
    assert bad == []
    assert skus(items["SPU-1"]) == [("K-001", 129950, None, True), ("K-002", 5970, None, True)]
    assert [sku.barcode for sku in items["SPU-1"].skus] == ["0069012345678", "6901234567892"]


def test_numbers_of_a_workbook_mean_the_same_whatever_the_sign() -> None:
    cells = row(2, "A", "", "t").removesuffix("</row>") + "<c><v>{}</v></c></row>"
    for written, fen in (("1299", 129900), ("12.9", 1290), ("59.699999999999996", 5970)):
        content = workbook(rows(HEADER, cells.format(written)))
        for mapping in (ColumnMapping(), COMMA):
            items, _ = read(content, "table", currency="EUR", mapping=mapping)
            assert skus(items["A"])[0][1] == fen
    _, bad = read(workbook(rows(HEADER, cells.format("1.299"))), "table", currency="EUR", mapping=COMMA)
    assert [row.code for row in bad] == ["price_unreadable"]


def test_rows_of_one_product_far_apart_keep_their_lines() -> None:
    content = workbook(rows(HEADER, row(7, "A", "", "t", "免费"), row(90_000, "B", "", "t", "1")))
    items, bad = read(content, "table")
    assert (set(items), [found.line_no for found in bad]) == ({"B"}, [7])


GOOGLE = (
    '<?xml version="1.0" encoding="{}"?><rss xmlns:g="http://base.google.com/ns/1.0"><channel><item><g:id>A</g:id>'
    "<title>{}</title><g:price>1 CNY</g:price></item></channel></rss>"
)


@pytest.mark.parametrize(
    ("declared", "title"),
    [
        *(
            (name, "玫瑰面霜")
            for name in ("UTF-8", "GBK", "GB2312", "gb18030", "Big5", "UTF-16", "utf-16-le", "EUC-JP")
        ),
        ("GB18030", "𠮷"),
        ("Shift_JIS", "美容液"),
        ("ISO-8859-1", "Crème brûlée"),
        ("windows-1251", "Крем"),
        ("EUC-KR", "크림"),
    ],
)
def test_a_feed_is_read_by_the_encoding_that_it_declares(as_catalog: Client, declared: str, title: str) -> None:
    simplified = title if declared != "Big5" else "玫瑰面霜"
    content = GOOGLE.format(declared, simplified).encode(declared)
    items, bad = read(content, "google")
    assert (items["A"].title, bad) == (simplified, [])
    run = imported(as_catalog, make.source(file_format="google"), content)
    assert (run["state"], counts(run)) == ("done", {"created": 1})


@pytest.mark.parametrize(
    "declared", ["zip", "hex", "nonsense", "utf-7", "idna", "unicode_escape", "UTF-8", "Shift_JIS"]
)
def test_a_feed_that_is_not_what_it_declares_fails_with_a_code(as_catalog: Client, declared: str) -> None:
    content = GOOGLE.format(declared, "x").encode().replace(b"<title>x", b"<title>\x81\xff\xfe")
    run = imported(as_catalog, make.source(file_format="google"), content)
    assert (run["state"], run["problem_code"]) == ("failed", "encoding_unknown")


def test_a_feed_that_says_utf_16_and_is_none_is_read() -> None:
    items, _ = read(GOOGLE.format("utf-16", "面霜").encode(), "google")
    assert items["A"].title == "面霜"


@pytest.mark.parametrize(
    ("encoding", "title"), [("big5", "玫瑰面霜"), ("shift_jis", "美容液のセット"), ("iso-8859-1", "Größe: für Männer")]
)
def test_a_table_of_another_encoding_needs_its_name(encoding: str, title: str) -> None:
    content = f"external_id,title,price\nA,{title},1\n".encode(encoding)
    items, _ = read(content, "table", mapping=ColumnMapping(encoding=encoding))
    assert items["A"].title == title
    if encoding != "big5":  # which cannot be told from GB18030 in every text
        with pytest.raises(BrokenFile) as refusal:
            read(content, "table")
        assert refusal.value.code == "encoding_unknown"


@pytest.mark.parametrize("mapping", [{"encoding": "zip"}, {"encoding": "x"}, {"decimal_sign": ";"}])
def test_a_mapping_that_names_what_is_none_is_refused(
    as_catalog: Client, source: Source, mapping: dict[str, str]
) -> None:
    answer = as_catalog.patch(f"/v1/sources/{source.code}", json={"mapping": mapping})
    assert (answer.status_code, answer.json["code"]) == (422, "mapping_invalid")


SUBSCRIPTIONS = """ID,Type,SKU,Name,Published,Regular price,Meta: _subscription_price,Parent
1,subscription,S1,Box,1,,29.00,
2,variable-subscription,V1,Tea,1,,,
3,subscription_variation,V1-M,Tea - month,1,19.00,19.00,V1
4,subscription_variation,V1-Y,Tea - year,1,,190.00,V1
5,"simple, virtual",P1,No price,1,,,
6,variable,W1,Cup,1,,,
7,variation,W1-R,Cup - red,1,,,W1
8,variation,W1-B,Cup - blue,1,9,,W1
"""


def test_subscriptions_and_products_without_a_price_are_known() -> None:
    items, bad = read(SUBSCRIPTIONS, "woocommerce")
    assert {name: [sku.code for sku in item.skus] for name, item in items.items()} == {
        "S1": ["S1"],
        "V1": ["V1-M", "V1-Y"],
        "W1": ["W1-B"],
    }
    assert skus(items["V1"])[1][1] == 19000
    assert [(row.external_id, row.code) for row in bad] == [("P1", "price_missing")]
