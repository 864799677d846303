"""Files as the platforms write them: what each row becomes."""

import io
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st

from catalog.formats import read_items, values
from catalog.formats.mapped import ColumnMapping
from catalog.formats.pieces import BadRow, BrokenFile, Piece, add, completed
from catalog.items import FileItem

FILES = Path(__file__).parent / "files"
SHOPIFY = (FILES / "shopify.csv").read_text()
SHOPIFY_2025 = (FILES / "shopify-2025.csv").read_text()
WOO = (FILES / "woocommerce.csv").read_text()
WOO_ZH = (FILES / "woocommerce-zh.csv").read_text()
GOOGLE_RSS = (FILES / "google.xml").read_text()
GOOGLE_TSV = (FILES / "google.tsv").read_text()
MAPPING = ColumnMapping(
    columns={"external_id": "货号", "title": "名称", "price": "售价", "shelf_status": "状态", "barcode": "条码"},
    statuses={"清仓": "discontinued"},
    defaults={"brand": "花屿"},
)
AT = datetime(2026, 11, 10, 16, tzinfo=UTC)  # midnight between the 10th and the 11th in Shanghai
TABLE = "货号,名称,售价,状态,条码\nA1,玫瑰面霜,129.00,在售,0069012345678\nA2,口红,59,清仓,\n"


def read(content: str | bytes, file_format: str, **options: Any) -> tuple[dict[str, FileItem], list[BadRow]]:
    """The products of a file, put together as an import does, and its bad rows."""
    raw = content.encode() if isinstance(content, str) else content
    options = {"mapping": ColumnMapping(), "currency": "CNY", "at": AT, **options}
    whole: dict[str, Piece] = {}
    bad: list[BadRow] = []
    for found in read_items(io.BytesIO(raw), file_format=file_format, **options):
        if isinstance(found, BadRow):
            bad.append(found)
        else:
            assert isinstance(found, Piece)
            if found.external_id in whole:
                add(whole[found.external_id], found)
            else:
                whole[found.external_id] = found
    done = {name: completed(piece) for name, piece in whole.items()}
    items = {name: item for name, item in done.items() if isinstance(item, FileItem)}
    return items, [*bad, *(item for item in done.values() if isinstance(item, BadRow))]


def skus(item: FileItem) -> list[tuple[str, int, int | None, bool]]:
    return [(sku.code, sku.price, sku.list_price, sku.in_stock) for sku in item.skus]


def test_shopify_variants_images_and_states() -> None:
    items, bad = read(SHOPIFY, "shopify")
    assert bad == []
    cream = items["rose-cream"]
    assert (cream.title, cream.brand, cream.shelf_status) == ("Rose Cream", "Hana", "on_shelf")
    assert skus(cream) == [("RC-30", 12900, 15900, True), ("RC-50", 19900, None, False)]
    assert cream.skus[0].barcode == "6901234567892"
    assert cream.image_urls == ["https://cdn.shop.test/1.jpg?v=1", "https://cdn.shop.test/2.jpg"]
    assert (items["old-soap"].shelf_status, skus(items["old-soap"])) == (
        "discontinued",
        [("old-soap", 1900, None, True)],
    )
    assert (items["draft-oil"].shelf_status, skus(items["draft-oil"])) == ("off_shelf", [("DO", 990, None, True)])


def test_shopifys_newer_columns() -> None:
    """All columns of today's template, with those of markets and metafields, which say nothing of this shop's price."""
    items, bad = read(SHOPIFY_2025, "shopify")
    assert bad == []
    mug = items["mug"]
    assert (mug.brand, mug.shelf_status) == ("Hana", "on_shelf")
    assert mug.category == "Home & Garden > Kitchen & Dining > Tableware > Drinkware > Mugs"
    assert skus(mug) == [("MUG-1", 4500, 6000, True), ("MUG-2", 4500, None, False)]
    assert mug.image_urls == ["https://cdn.shop.test/m.jpg", "https://cdn.shop.test/m2.jpg"]
    # To be had by a link, and not to be offered.
    assert items["secret"].shelf_status == "off_shelf"


def test_woocommerce_variations_far_from_their_parent() -> None:
    items, bad = read(WOO, "woocommerce")
    assert bad == []
    tee = items["vneck-tee"]
    assert (tee.title, tee.brand, tee.category, tee.shelf_status) == (
        "V-Neck T-Shirt",
        "Woo",
        "Clothing > Tshirts",
        "on_shelf",
    )
    assert skus(tee) == [("vneck-red", 2000, None, True), ("id:51", 1500, 2000, False)]
    assert tee.image_urls == ["https://woo.test/v1.jpg", "https://woo.test/v2.jpg"]
    assert skus(items["hoodie-logo"]) == [("hoodie-logo", 4000, 4500, False)]
    assert items["id:46"].shelf_status == "off_shelf"
    assert items["draft"].shelf_status == "off_shelf"
    assert items["draft"].skus[0].in_stock is True
    assert "group" not in items


def test_woocommerces_chinese_headings() -> None:
    items, bad = read(WOO_ZH, "woocommerce")
    assert bad == []
    cream = items["cream"]
    assert (cream.title, cream.brand, cream.category, cream.shelf_status) == (
        "玫瑰面霜",
        "花屿",
        "护肤 > 面霜",
        "on_shelf",
    )
    assert skus(cream) == [("cream-30", 12900, 15900, True), ("cream-50", 25900, None, False)]
    assert cream.image_urls == ["https://woo.test/c1.jpg"]
    assert (items["hidden"].shelf_status, items["draft"].shelf_status) == ("off_shelf", "off_shelf")


@pytest.mark.parametrize(
    ("starts", "ends", "price"),
    [
        ("", "", 40),
        ("2026-11-11", "2026-11-11", 40),  # as people write it
        ("2026-11-11 0:00:00", "2026-11-11 23:59:59", 40),  # as WooCommerce exports it
        ("2026-11-11 0:00:01", "", 45),
        ("2026-11-12", "", 45),
        ("", "2026-11-10", 45),
        ("", "2026-11-10 23:59:59", 45),
        ("2026-11-01", "", 40),
        ("", "2026-11-11 8:30:00", 40),
    ],
)
def test_a_dated_sale_counts_while_it_lasts_where_the_shop_is(starts: str, ends: str, price: int) -> None:
    head = "ID,SKU,Type,Name,Published,Regular price,Sale price,Date sale price starts,Date sale price ends"
    items, bad = read(f"{head}\n1,A,simple,Cream,1,45,40,{starts},{ends}\n", "woocommerce")
    assert bad == []
    assert items["A"].skus[0].price == price * 100


def test_the_time_zone_of_a_sale_is_the_mappings() -> None:
    head = "SKU,Type,Name,Published,Regular price,Sale price,Date sale price starts"
    there = ColumnMapping(time_zone="America/New_York")
    items, _ = read(f"{head}\nA,simple,Cream,1,45,40,2026-11-11\n", "woocommerce", mapping=there)
    assert items["A"].skus[0].price == 4500


@pytest.mark.parametrize("date", ["11/11/2026", "2026-13-01", "2026-11-11 25:00:00", "soon"])
def test_a_sale_with_a_date_that_nobody_can_read_is_rejected(date: str) -> None:
    head = "SKU,Type,Name,Published,Regular price,Sale price,Date sale price ends"
    items, [bad] = read(f"{head}\nA,simple,Cream,1,45,40,{date}\n", "woocommerce")
    assert (items, bad.code, bad.external_id) == ({}, "date_unreadable", "A")


@pytest.mark.parametrize(
    ("period", "price"),
    [
        ("2026-11-10T16:00Z/2026-11-20T16:00Z", 40),
        ("2026-11-11T00:00+0800/2026-11-20T00:00+0800", 40),
        ("2026-11-10T17:00+0100 / 2026-11-20T00:00+0100", 40),
        ("2026-11-10T16:01Z/2026-11-20T16:00Z", 45),
        ("2026-11-01T16:00Z/2026-11-10T15:59Z", 45),
    ],
)
def test_googles_sales_hold_in_their_period(period: str, price: int) -> None:
    head = "id\ttitle\tprice\tsale_price\tsale_price_effective_date\tavailability"
    items, bad = read(f"{head}\nA\tCream\t45.00 CNY\t40.00 CNY\t{period}\tin_stock\n", "google")
    assert bad == []
    assert items["A"].skus[0].price == price * 100


def test_google_rss_groups_and_availability() -> None:
    items, bad = read(GOOGLE_RSS, "google")
    tv = items["TV_1"]
    assert (tv.title, tv.brand, tv.category) == ("Google Chromecast & TV", "Google", "Electronics > Video")
    assert skus(tv) == [("TV_1", 4500, 5000, True)]
    assert tv.skus[0].barcode == "0811571013579"
    assert tv.image_urls == ["https://x.test/1.jpg", "https://x.test/2.jpg"]
    assert skus(items["D"]) == [("D_S", 9900, None, False), ("D_M", 9900, None, True)]
    assert items["N"].shelf_status == "presale"
    assert [(row.external_id, row.code) for row in bad] == [("U", "currency_differs")]


def test_google_tsv_with_stray_quotes() -> None:
    items, bad = read(GOOGLE_TSV, "google")
    assert bad == []
    assert items["A1"].title == '5" tablet stand'
    assert skus(items["A1"]) == [("A1", 129900, None, True)]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_a_mapped_table_in_any_encoding_and_delimiter(encoding: str, delimiter: str) -> None:
    items, bad = read(TABLE.replace(",", delimiter).encode(encoding), "table", mapping=MAPPING)
    assert bad == []
    assert (items["A1"].title, items["A1"].brand, items["A1"].skus[0].barcode) == ("玫瑰面霜", "花屿", "0069012345678")
    assert items["A2"].shelf_status == "discontinued"
    assert skus(items["A2"]) == [("A2", 5900, None, True)]


def test_a_workbook_reads_like_its_csv() -> None:
    book = io.BytesIO()
    with xlsxwriter.Workbook(book) as workbook:
        sheet = workbook.add_worksheet()
        for line, row in enumerate(
            [["货号", "名称", "售价", "条码"], ["A1", "面霜", 12.9, 6901234567892], [1001, "油", 7]]
        ):
            sheet.write_row(line, 0, row)
    mapping = ColumnMapping(columns={"external_id": "货号", "title": "名称", "price": "售价", "barcode": "条码"})
    items, bad = read(book.getvalue(), "table", mapping=mapping)
    assert bad == []
    assert (skus(items["A1"]), items["A1"].skus[0].barcode) == ([("A1", 1290, None, True)], "6901234567892")
    assert skus(items["1001"]) == [("1001", 700, None, True)]
    with pytest.raises(BrokenFile) as refusal:
        read(book.getvalue()[: len(book.getvalue()) // 2], "table", mapping=mapping)
    assert refusal.value.code == "not_xlsx"


def test_a_stray_quote_costs_its_own_row_at_most() -> None:
    rows = [
        'A1,"面霜,129.00,在售,1',
        "A2,口红,59,在售,2",
        '"A3,香水,99,在售,3',
        'A4,"多\n行",1,在售,4',
        "A5,蜡烛,5,在售,5",
    ]
    items, bad = read(TABLE.splitlines()[0] + "\n" + "\n".join(rows) + "\n", "table", mapping=MAPPING)
    assert {"A2", "A4", "A5"} <= set(items)
    assert items["A4"].title == "多\n行"
    assert len(items) + len(bad) == 5


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ("A1,面霜,12.345,在售,", "price_unreadable"),
        ("A1,面霜,免费,在售,", "price_unreadable"),
        ('A1,面霜,"1,2,50",在售,', "price_unreadable"),
        ("A1,面霜,-1,在售,", "price_unreadable"),
        ("A1,面霜,1,在路上,", "status_unknown"),
        ("A1,面霜,1,在售,6.90123E+12", "barcode_unreadable"),
        (",面霜,1,在售,", "id_missing"),
        ("A1,,1,在售,", "invalid_item"),
        ("A1,面霜,1,在售,,,多", "columns_misfit"),
        ("x" * 200 + ",面霜,1,在售,", "invalid_item"),
    ],
)
def test_a_bad_row_says_why_and_the_rest_goes_in(row: str, code: str) -> None:
    items, bad = read(TABLE.replace("A1,", "Z1,").replace("A2,", "Z2,") + row + "\n", "table", mapping=MAPPING)
    assert (set(items), [found.code for found in bad]) == ({"Z1", "Z2"}, [code])


@pytest.mark.parametrize(
    ("content", "file_format", "code"),
    [
        ("", "shopify", "file_empty"),
        ("<html><body>login</body></html>", "table", "html_page"),
        ("<!doctype html><p>", "google", "html_page"),
        (SHOPIFY[:-300], "shopify", "file_cut"),
        (GOOGLE_RSS[:-200], "google", "file_cut"),
        (GOOGLE_RSS.replace("<rss", '<!DOCTYPE x [<!ENTITY a "b">]><rss'), "google", "not_a_feed"),
        ("Handle~Title\nx~y\n", "shopify", "columns_missing"),
        (WOO, "shopify", "columns_missing"),
        ("货号,名称\n1,2\n", "table", "columns_missing"),
        (b"\x80\x81\xff" + TABLE.encode("gb18030"), "table", "encoding_unknown"),
    ],
)
def test_a_broken_file_is_refused_as_a_whole(content: str | bytes, file_format: str, code: str) -> None:
    with pytest.raises(BrokenFile) as refusal:
        read(content, file_format, mapping=MAPPING)
    assert refusal.value.code == code


@given(st.binary(max_size=2000), st.sampled_from(["native", "table", "google", "shopify", "woocommerce"]))
def test_noise_is_refused_or_rejected_but_never_breaks_a_reader(noise: bytes, file_format: str) -> None:
    header = {"shopify": SHOPIFY, "woocommerce": WOO, "table": TABLE, "google": GOOGLE_TSV}.get(file_format, "")
    for content in (noise, header.split("\n")[0].encode() + b"\n" + noise):
        with suppress(BrokenFile):
            list(read_items(io.BytesIO(content), file_format=file_format, mapping=MAPPING, currency="CNY", at=AT))


@given(st.integers(0, 10**14))
def test_amounts_are_exact(fen: int) -> None:
    assert values.minor_units(f"{fen // 100}.{fen % 100:02}", values.Money("CNY")) == fen
    assert values.minor_units(f"¥{fen // 100:,}.{fen % 100:02}0", values.Money("CNY")) == fen
    assert values.minor_units(str(fen), values.Money("JPY")) == fen
