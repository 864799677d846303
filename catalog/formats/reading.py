"""Any file of any format, as items and pieces in the order they stand."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import BinaryIO
from zoneinfo import ZoneInfo

from catalog.formats import google, mapped, native, shopify, woocommerce
from catalog.formats.mapped import ColumnMapping
from catalog.formats.pieces import BadRow, BrokenFile, Piece, joined
from catalog.formats.tables import TableRow, read_text_table, read_workbook
from catalog.formats.values import Instant
from catalog.items import FileItem

# Where one product may be spread over rows anywhere in the file.
FORMATS_IN_PIECES = ("table", "google", "shopify", "woocommerce")
FORMATS = ("native", *FORMATS_IN_PIECES)
ZIP_MARK = b"PK\x03\x04"
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
    start = _start(stream)
    if file_format == "native":
        yield from native.read_json(stream) if _is_json(start) else native.read_lines(stream)
    elif file_format == "google" and start.startswith("<"):
        yield from joined(google.read_xml(stream, currency=currency, now=now))
    elif file_format == "google":
        yield from joined(google.read_table(_table(stream, google.REQUIRED), currency=currency, now=now))
    elif file_format == "shopify":
        yield from joined(shopify.read(_table(stream, shopify.REQUIRED), currency=currency))
    elif file_format == "woocommerce":
        yield from joined(woocommerce.read(_table(stream, woocommerce.REQUIRED), currency=currency, now=now))
    else:
        rows = _table(stream, mapping.required())
        yield from joined(mapped.read(rows, mapping=mapping, currency=currency))


def _table(stream: BinaryIO, required: Sequence[Sequence[str]]) -> Iterator[TableRow]:
    is_workbook = stream.read(4) == ZIP_MARK
    stream.seek(0)
    return read_workbook(stream, required=required) if is_workbook else read_text_table(stream, required=required)


def _start(stream: BinaryIO) -> str:
    """The first characters, without mark and white space; raises BrokenFile for what is no data at all."""
    start = stream.read(LOOK_BYTES)
    stream.seek(0)
    text = start.decode("utf-8-sig", errors="replace").lstrip()
    if not text:
        raise BrokenFile("file_empty", "The file is empty.")
    if text[:200].lower().startswith(("<!doctype html", "<html")):
        raise BrokenFile("html_page", "This is a web page, most likely an error message, and not a product file.")
    return text


def _is_json(start: str) -> bool:
    """Whether it is one JSON value, rather than one per line."""
    return start.startswith("[") or start[1:].lstrip().startswith('"items"')
