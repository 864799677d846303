"""Google Merchant feeds: RSS 2.0 or Atom with the `g:` namespace, and TSV.

Items of one `item_group_id` are variants of one product, wherever in the feed they stand.
"""

import io
import re
from collections.abc import Iterable, Iterator
from functools import partial
from typing import BinaryIO

from catalog.formats import values
from catalog.formats.pieces import MAX_RAW, BadRow, BrokenFile, Piece, Row
from catalog.formats.tables import Cells, TableRow
from catalog.formats.values import Instant, Money
from catalog.items import SkuItem
from kit.encodings import MARKS, EncodingUnknown, known_encoding
from kit.markup import MarkupRefused, walk
from kit.words import say

REQUIRED = [("id",), ("title",), ("price",)]
CUSTOM_LABELS = tuple(f"custom_label_{n}" for n in range(5))
PROLOG_BYTES = 1024
PIECE_CHARACTERS = 1 << 16
MAX_ITEM_CHARACTERS = 2 << 20
DECLARATION = re.compile(rb"""<\?xml[^>]{0,200}?encoding\s*=\s*["']([A-Za-z0-9._-]{1,40})["']""")
PRESALE = frozenset({"preorder", "backorder"})
AVAILABILITY = PRESALE | {"in stock", "out of stock", "discontinued", "available for order"}


def read_table(rows: Iterable[TableRow], *, money: Money, now: Instant) -> Iterator[Row]:
    """A piece per row of a TSV feed."""
    for row in rows:
        if isinstance(row, BadRow):
            yield row
        else:
            found = {_plain(name): [cell] for name, cell in row.cells.items() if cell.strip()}
            yield _piece(row.line_no, found, row, money, now)


def read_xml(stream: BinaryIO, *, money: Money, now: Instant) -> Iterator[Row]:
    """A piece per item, numbered from 1, holding one item in memory; raises BrokenFile.

    Read by the encoding that the feed declares.
    """
    feed = _Feed()
    try:
        text = io.TextIOWrapper(stream, encoding=_declared(stream))
        pieces = iter(partial(text.read, PIECE_CHARACTERS), "")
        number = 0
        for _ in walk(pieces, on_start=feed.start, on_end=feed.end, on_text=feed.characters):
            for found in feed.ready:
                number += 1
                yield _piece(number, found, None, money, now)
            feed.ready.clear()
        text.detach()
    except EncodingUnknown as error:
        raise BrokenFile(error.said) from None
    except UnicodeDecodeError as error:
        raise BrokenFile(say("encoding_unknown.feed", encoding=error.encoding)) from None
    except MarkupRefused as refusal:
        word = "file_cut.feed" if refusal.cut else "not_a_feed"
        raise BrokenFile(say(word, why=refusal.said)) from None


class _Feed:
    """The items of a feed, as their elements go by; what stands around them is not kept."""

    def __init__(self) -> None:
        self.ready: list[dict[str, list[str]]] = []
        self._depth = 0
        self._item_depth = 0
        self._found: dict[str, list[str]] = {}
        self._text: list[str] = []
        self._href = ""
        self._characters = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        if not self._item_depth:
            if _tag(name) in ("item", "entry"):
                self._item_depth, self._found, self._characters = self._depth, {}, 0
        elif self._depth == self._item_depth + 1:
            self._text, self._href = [], attributes.get("href", "")
            self._count(len(name) + len(self._href))

    def characters(self, text: str) -> None:
        if self._item_depth and self._depth == self._item_depth + 1:
            self._count(len(text))
            self._text.append(text)

    def end(self, name: str) -> None:
        if self._item_depth and self._depth == self._item_depth + 1:
            text = ("".join(self._text) or self._href).strip()
            if text:
                self._found.setdefault(_tag(name), []).append(text)
        elif self._depth == self._item_depth:
            self._item_depth = 0
            self.ready.append(self._found)
        self._depth -= 1

    def _count(self, characters: int) -> None:
        self._characters += characters
        if self._characters > MAX_ITEM_CHARACTERS:
            raise MarkupRefused(say("markup.long_item", max=MAX_ITEM_CHARACTERS))


def _declared(stream: BinaryIO) -> str:
    """The codec of an XML document: by its mark, by its declaration, or else UTF-8; raises EncodingUnknown."""
    start = stream.read(PROLOG_BYTES)
    stream.seek(0)
    for mark, encoding in MARKS:
        if start.startswith(mark):
            return encoding
    if b"\x00" in start[:2]:
        return "utf-16-le" if start[1:2] == b"\x00" else "utf-16-be"
    found = DECLARATION.match(start.lstrip())
    # One that can be read as it stands is not of two bytes a character, whatever it says.
    label = found[1].decode() if found else "utf-8"
    return "utf-8" if label.lower().startswith(("utf-16", "utf-32", "ucs-")) else known_encoding(label)


def _tag(name: str) -> str:
    return _plain(name.rpartition(":")[2])


def _plain(name: str) -> str:
    """A name without its prefix, with underscores."""
    return name.removeprefix("g:").strip().lower().replace(" ", "_")


def _piece(line_no: int, found: dict[str, list[str]], row: Cells | None, money: Money, now: Instant) -> Row:
    own_id = _one(found, "id")
    external_id = _one(found, "item_group_id") or own_id
    if not own_id:
        named = external_id[:255] or None
        return BadRow(line_no=line_no, said=say("id_missing.item"), external_id=named, raw=_raw(found, row))
    try:
        return Piece(
            line_no=line_no,
            external_id=values.code(external_id),
            title=_one(found, "title") or None,
            brand=_one(found, "brand") or None,
            category=_one(found, "product_type") or _one(found, "google_product_category") or None,
            shelf_status=_status(_availability(found)),
            image_urls=_images(found),
            tags=[label for name in CUSTOM_LABELS if (label := _one(found, name))],
            skus=[_sku(own_id, found, money, now)],
            raw=_raw(found, row),
        )
    except values.BadValue as error:
        return BadRow(line_no=line_no, said=error.said, external_id=external_id[:255], raw=_raw(found, row))


def _raw(found: dict[str, list[str]], row: Cells | None) -> str:
    """The row of a table as the file has it; of XML, a line for each element of the item."""
    if row is not None:
        return row.raw
    return "\n".join(f"{name}: {text}" for name, texts in found.items() for text in texts)[:MAX_RAW]


def _availability(found: dict[str, list[str]]) -> str:
    word = _one(found, "availability").lower().replace("_", " ") or "in stock"
    if word not in AVAILABILITY:
        raise values.BadValue(say("availability_unknown", given=word[:50]))
    return word


def _status(availability: str) -> str:
    if availability == "discontinued":
        return "discontinued"
    return "presale" if availability in PRESALE else "on_shelf"


def _sku(code: str, found: dict[str, list[str]], money: Money, now: Instant) -> SkuItem:
    list_price = _amount(_one(found, "price"), money)
    sale = _one(found, "sale_price")
    starts, _, ends = _one(found, "sale_price_effective_date").partition("/")
    price = _amount(sale, money) if sale and values.sale_is_on(starts, ends, now=now) else list_price
    return SkuItem(
        code=values.code(code),
        price=price,
        list_price=list_price if list_price > price else None,
        barcode=values.barcode(_one(found, "gtin")),
        in_stock=_availability(found) != "out of stock",
    )


def _amount(given: str, money: Money) -> int:
    """`129.00 CNY` in minor units; another currency than the source's is refused."""
    named = re.search(r"[A-Z]{3}", given)
    if named and named[0] != money.currency:
        raise values.BadValue(say("currency_differs.given", given=given[:50], currency=money.currency))
    return values.minor_units(given, money)


def _images(found: dict[str, list[str]]) -> list[str]:
    listed = [*found.get("image_link", []), *found.get("additional_image_link", [])]
    return list(dict.fromkeys(url for text in listed for url in values.urls(text)))[:20]


def _one(found: dict[str, list[str]], name: str) -> str:
    return found.get(name, [""])[0].strip()
