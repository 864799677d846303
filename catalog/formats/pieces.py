"""What every reader yields: a piece of a product, or a row that cannot be used.

Spreadsheets and feeds spread one product over rows (a variant each, an image each); pieces that name the same
product are put together, wherever in the file they stand.
"""

from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from catalog.items import FileItem, SkuItem

# The status that a product has when its variants differ: the one nearest to the customer.
STATUS_ORDER = ("on_shelf", "presale", "off_shelf", "discontinued")
UNBRANDED = "未标品牌"
UNSORTED = "未分类"


class Piece(msgspec.Struct, kw_only=True):
    """Part of a product: what the row at `line_no` says of it; None and empty mean that it says nothing."""

    line_no: int
    external_id: str
    version: int | None = None
    title: str | None = None
    brand: str | None = None
    category: str | None = None
    shelf_status: str | None = None
    reason: str | None = None
    image_urls: list[str] = []
    skus: list[SkuItem] = []


class BadRow(msgspec.Struct, kw_only=True, frozen=True):
    """A row that was not taken, with the reason; what it says of which product, as far as that is known."""

    line_no: int
    code: str
    detail: str
    external_id: str | None = None
    field: str | None = None
    raw: str | None = None


class BrokenFile(Exception):
    """The file as a whole cannot be used: `code` is stable, the message is for people."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail


Row = Piece | BadRow


def joined(rows: Iterable[Row]) -> Iterator[Row]:
    """The rows, with neighbours that are pieces of one product put together."""
    held: Piece | None = None
    for row in rows:
        if isinstance(row, BadRow):
            yield row
        elif held is not None and held.external_id == row.external_id:
            add(held, row)
        else:
            if held is not None:
                yield held
            held = row
    if held is not None:
        yield held


def add(whole: Piece, part: Piece) -> None:
    """Put what `part` says into `whole`; what came first stands, and the highest version counts."""
    whole.title = whole.title or part.title
    whole.brand = whole.brand or part.brand
    whole.category = whole.category or part.category
    whole.reason = whole.reason or part.reason
    if part.version is not None:
        whole.version = max(part.version, whole.version or 0)
    statuses = {whole.shelf_status, part.shelf_status}
    whole.shelf_status = next((status for status in STATUS_ORDER if status in statuses), None)
    whole.image_urls = list(dict.fromkeys([*whole.image_urls, *part.image_urls]))
    whole.skus = [*whole.skus, *part.skus]


def completed(piece: Piece) -> FileItem | BadRow:
    """The whole product that the pieces make, or the row to reject and why."""
    content: dict[str, Any] = {
        "external_id": piece.external_id,
        "version": piece.version,
        "title": piece.title,
        "brand": piece.brand or UNBRANDED,
        "category": piece.category or UNSORTED,
        "shelf_status": piece.shelf_status or "on_shelf",
        "reason": piece.reason,
        "image_urls": piece.image_urls,
        "skus": [msgspec.structs.asdict(sku) for sku in piece.skus],
    }
    try:
        return msgspec.convert(content, FileItem)
    except msgspec.ValidationError as error:
        detail = str(error)
        field = detail.rpartition("`$.")[2].rstrip("`") if "`$." in detail else None
        return BadRow(
            line_no=piece.line_no,
            code="invalid_item",
            detail=detail,
            external_id=piece.external_id,
            field=field,
            raw=msgspec.json.encode(piece).decode(),
        )
