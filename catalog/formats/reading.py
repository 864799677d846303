"""Any file of any format, as items and pieces in the order they stand."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import BinaryIO
from zoneinfo import ZoneInfo

from catalog.formats import google, mapped, native, shopify, woocommerce
from catalog.formats.mapped import ColumnMapping
from catalog.formats.pieces import BadRow, BrokenFile, Piece, joined
from catalog.formats.tables import TableRow, read_text_table, read_workbook
from catalog.formats.values import Instant, Money
from catalog.items import FileItem
from kit.encodings import MARKS
from kit.sheets import is_workbook
from kit.words import say
from kit.workbook_parts import SheetUnreadable

# Where one product may be spread over rows anywhere in the file.
FORMATS_IN_PIECES = ("table", "google", "shopify", "woocommerce")
# Where what names a product may change, or may come to name another one.
FORMATS_WITH_NAMES = ("shopify", "woocommerce")
# Where several variants may have one SKU code.
FORMATS_WITH_SHARED_CODES = ("shopify",)
# Where a row may name the product that it is of by the platform's number.
FORMATS_WITH_NUMBERED_PARENTS = ("woocommerce",)
FORMATS = ("native", *FORMATS_IN_PIECES)
LOOK_BYTES = 4096

Read = tuple[int, FileItem] | Piece | BadRow


def read_items(
    stream: BinaryIO, *, file_format: str, mapping: ColumnMapping, currency: str, at: datetime
) -> Iterator[Read]:
    """What the seekable file holds, streamed: whole items with their line, pieces to be put together, or bad rows.

    `at` is when the file came in: what is on sale then counts. Raises BrokenFile, possibly at the very end: nothing
    may be applied before.
    """
    now = Instant(at=at, zone=ZoneInfo(mapping.time_zone))
    money = Money(currency, mapping.decimal_sign)
    start = _start(stream)
    if file_format == "native":
        yield from native.read_json(stream) if _is_json(start) else native.read_lines(stream)
    elif file_format == "google" and start.startswith("<"):
        yield from joined(google.read_xml(stream, money=money, now=now))
    elif file_format == "google":
        yield from joined(google.read_table(_table(stream, google.REQUIRED, mapping), money=money, now=now))
    elif file_format == "shopify":
        yield from joined(shopify.read(_table(stream, shopify.REQUIRED, mapping), money=money))
    elif file_format == "woocommerce":
        yield from joined(woocommerce.read(_table(stream, woocommerce.REQUIRED, mapping), money=money, now=now))
    else:
        yield from joined(mapped.read(_table(stream, mapping.required(), mapping), mapping=mapping, money=money))


def _table(stream: BinaryIO, required: Sequence[Sequence[str]], mapping: ColumnMapping) -> Iterator[TableRow]:
    try:
        as_workbook = is_workbook(stream)
    except SheetUnreadable as error:
        raise BrokenFile(say("not_xlsx", why=error.said)) from None
    if as_workbook:
        return read_workbook(stream, required=required, decimal_sign=mapping.decimal_sign)
    return read_text_table(stream, required=required, encoding=mapping.encoding)


def _start(stream: BinaryIO) -> str:
    """The first characters, without mark and white space; raises BrokenFile for what is no data at all."""
    start = stream.read(LOOK_BYTES)
    stream.seek(0)
    # Enough of it to tell formats apart: each is read by its own encoding later.
    encoding = next((name for mark, name in MARKS if start.startswith(mark)), "utf-8")
    if b"\x00" in start[:4] and encoding == "utf-8":
        encoding = "utf-16-le" if start[1:2] == b"\x00" else "utf-16-be"
    text = start.decode(encoding, errors="replace").lstrip()
    if not text:
        raise BrokenFile(say("file_empty"))
    if text[:200].lower().startswith(("<!doctype html", "<html")):
        raise BrokenFile(say("html_page"))
    return text


def _is_json(start: str) -> bool:
    """Whether it is one JSON value, rather than one per line."""
    return start.startswith("[") or start[1:].lstrip().startswith('"items"')
