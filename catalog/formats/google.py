"""Google Merchant feeds: RSS 2.0 or Atom with the `g:` namespace, and TSV.

Items of one `item_group_id` are variants of one product, wherever in the feed they stand.
"""

import re
from collections.abc import Iterable, Iterator
from typing import BinaryIO
from xml.etree import ElementTree

from catalog.formats import values
from catalog.formats.pieces import BadRow, BrokenFile, Piece, Row
from catalog.formats.tables import TableRow
from catalog.formats.values import Instant
from catalog.items import SkuItem

REQUIRED = [("id",), ("title",), ("price",)]
PROLOG_BYTES = 1 << 20
PRESALE = frozenset({"preorder", "backorder"})
AVAILABILITY = PRESALE | {"in stock", "out of stock", "discontinued", "available for order"}


def read_table(rows: Iterable[TableRow], *, currency: str, now: Instant) -> Iterator[Row]:
    """A piece per row of a TSV feed."""
    for row in rows:
        if isinstance(row, BadRow):
            yield row
        else:
            line_no, cells = row
            yield _piece(line_no, {_plain(name): [cell] for name, cell in cells.items() if cell.strip()}, currency, now)


def read_xml(stream: BinaryIO, *, currency: str, now: Instant) -> Iterator[Row]:
    """A piece per item, numbered from 1, holding one item in memory; raises BrokenFile."""
    # Entities could blow up memory, and no feed needs a document type.
    if b"<!DOCTYPE" in stream.read(PROLOG_BYTES):
        raise BrokenFile("not_a_feed", "The feed has a document type, which is refused.")
    stream.seek(0)
    parents: list[ElementTree.Element] = []
    number = 0
    try:
        for event, element in ElementTree.iterparse(stream, events=("start", "end")):  # noqa: S314 - no entities
            if event == "start":
                parents.append(element)
                continue
            parents.pop()
            if _plain(element.tag) in ("item", "entry"):
                number += 1
                yield _piece(number, _fields(element), currency, now)
                if parents:
                    parents[-1].clear()
    except ElementTree.ParseError as error:
        raise BrokenFile("file_cut", f"The feed is not whole XML: {error}.") from None


def _plain(tag: str) -> str:
    """A name without its namespace or prefix, with underscores."""
    return tag.rpartition("}")[2].removeprefix("g:").strip().lower().replace(" ", "_")


def _fields(element: ElementTree.Element) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for child in element:
        text = (child.text or child.get("href") or "").strip()
        if text:
            found.setdefault(_plain(child.tag), []).append(text)
    return found


def _piece(line_no: int, found: dict[str, list[str]], currency: str, now: Instant) -> Row:
    own_id = _one(found, "id")
    if not own_id:
        return BadRow(line_no=line_no, code="id_missing", detail="The item has no id.", raw=str(found)[:2000])
    external_id = _one(found, "item_group_id") or own_id
    try:
        return Piece(
            line_no=line_no,
            external_id=external_id,
            title=_one(found, "title") or None,
            brand=_one(found, "brand") or None,
            category=_one(found, "product_type") or _one(found, "google_product_category") or None,
            shelf_status=_status(_availability(found)),
            image_urls=_images(found),
            skus=[_sku(own_id, found, currency, now)],
        )
    except values.BadValue as error:
        return BadRow(
            line_no=line_no, code=error.code, detail=error.detail, external_id=external_id[:128], raw=str(found)[:2000]
        )


def _availability(found: dict[str, list[str]]) -> str:
    word = _one(found, "availability").lower().replace("_", " ") or "in stock"
    if word not in AVAILABILITY:
        raise values.BadValue("availability_unknown", f"{word[:50]!r} is no availability.")
    return word


def _status(availability: str) -> str:
    if availability == "discontinued":
        return "discontinued"
    return "presale" if availability in PRESALE else "on_shelf"


def _sku(code: str, found: dict[str, list[str]], currency: str, now: Instant) -> SkuItem:
    list_price = _amount(_one(found, "price"), currency)
    sale = _one(found, "sale_price")
    starts, _, ends = _one(found, "sale_price_effective_date").partition("/")
    price = _amount(sale, currency) if sale and values.sale_is_on(starts, ends, now=now) else list_price
    return SkuItem(
        code=code,
        price=price,
        list_price=list_price if list_price > price else None,
        barcode=values.barcode(_one(found, "gtin")),
        in_stock=_availability(found) != "out of stock",
    )


def _amount(given: str, currency: str) -> int:
    """`129.00 CNY` in minor units; another currency than the source's is refused."""
    named = re.search(r"[A-Z]{3}", given)
    if named and named[0] != currency:
        raise values.BadValue("currency_differs", f"{given[:50]!r} is not in {currency}.")
    return values.minor_units(given, currency)


def _images(found: dict[str, list[str]]) -> list[str]:
    listed = [*found.get("image_link", []), *found.get("additional_image_link", [])]
    return list(dict.fromkeys(url for text in listed for url in values.urls(text)))[:20]


def _one(found: dict[str, list[str]], name: str) -> str:
    return found.get(name, [""])[0].strip()
