"""What every reader yields: a piece of a product, or a row that cannot be used.

Spreadsheets and feeds spread one product over rows (a variant each, an image each); pieces that name the same
product are put together, wherever in the file they stand.
"""

from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from catalog.items import FileItem, SkuItem
from catalog.rules import known_tags, shortened
from kit.complaints import field_of, read_complaint
from kit.words import ENGLISH, Said, spell

# The status that a product has when its variants differ: the one nearest to the customer.
STATUS_ORDER = ("on_shelf", "presale", "off_shelf", "discontinued")
MAX_RAW = 2000
UNBRANDED = "未标品牌"
UNSORTED = "未分类"


class Piece(msgspec.Struct, kw_only=True):
    """Part of a product: what the row at `line_no` says of it; None and empty mean that it says nothing."""

    line_no: int
    external_id: str
    platform_id: str | None = None
    version: int | None = None
    title: str | None = None
    brand: str | None = None
    category: str | None = None
    shelf_status: str | None = None
    reason: str | None = None
    image_urls: list[str] = []
    tags: list[str] = []
    skus: list[SkuItem] = []
    # Where a platform gives one code to several variants: what tells them apart, for each of `skus`.
    labels: list[str] = []
    # The row as the file has it, for people who look for it there.
    raw: str = ""


class BadRow(msgspec.Struct, kw_only=True, frozen=True):
    """A row that was not taken, with the reason; what it says of which product, as far as that is known.

    One that names no product may still be of a neighbour: `cells` are what it holds, and `continues` says that its
    kind of table leaves the name out where a merged cell had it; `near` is the product that it seems to be of.
    """

    line_no: int
    said: Said
    external_id: str | None = None
    platform_id: str | None = None
    field: str | None = None
    raw: str | None = None
    cells: tuple[str, ...] = ()
    continues: bool = False
    near: str | None = None

    @property
    def code(self) -> str:
        """The stable code of the reason."""
        return self.said.code


class BrokenFile(Exception):
    """The file as a whole cannot be used."""

    def __init__(self, said: Said) -> None:
        super().__init__(spell(said, ENGLISH))
        self.said = said
        self.code = said.code


Row = Piece | BadRow


def joined(rows: Iterable[Row]) -> Iterator[Row]:
    """The rows, with neighbours that are pieces of one product put together, and bad rows told whose they may be."""
    held: Piece | None = None
    astray: list[BadRow] = []
    for row in rows:
        if isinstance(row, BadRow):
            if row.external_id is None:
                astray.append(row)
            else:
                yield row
        elif held is not None and held.external_id == row.external_id:
            add(held, row)
        else:
            yield from _placed(astray, before=held, after=row)
            astray.clear()
            if held is not None:
                yield held
            held = row
    yield from _placed(astray, before=held, after=None)
    if held is not None:
        yield held


def _placed(astray: Iterable[BadRow], *, before: Piece | None, after: Piece | None) -> Iterator[BadRow]:
    for row in astray:
        if before is not None and (row.continues or before.external_id in row.cells):
            yield msgspec.structs.replace(row, near=before.external_id)
        elif after is not None and after.external_id in row.cells:
            yield msgspec.structs.replace(row, near=after.external_id)
        else:
            yield row


def add(whole: Piece, part: Piece) -> None:
    """Put what `part` says into `whole`; what came first stands, and the highest version counts."""
    whole.platform_id = whole.platform_id or part.platform_id
    whole.title = whole.title or part.title
    whole.brand = whole.brand or part.brand
    whole.category = whole.category or part.category
    whole.reason = whole.reason or part.reason
    if part.version is not None:
        whole.version = max(part.version, whole.version or 0)
    statuses = {whole.shelf_status, part.shelf_status}
    whole.shelf_status = next((status for status in STATUS_ORDER if status in statuses), None)
    whole.image_urls = list(dict.fromkeys([*whole.image_urls, *part.image_urls]))
    whole.tags = [*whole.tags, *part.tags]
    whole.skus = [*whole.skus, *part.skus]
    whole.labels = [*whole.labels, *part.labels]
    whole.raw = "\n".join(filter(None, (whole.raw, part.raw)))[:MAX_RAW]


def _codes(piece: Piece) -> list[str]:
    """The codes of the piece's SKUs; of one that several have, each after the first with what tells it apart."""
    if not piece.labels:
        return [sku.code for sku in piece.skus]
    taken = {sku.code for sku in piece.skus}
    seen: set[str] = set()
    codes = []
    for sku, label in zip(piece.skus, piece.labels, strict=True):
        code, number = sku.code, 1
        while code in seen or (code in taken and code != sku.code):
            code = shortened(f"{sku.code}~{label}" if number == 1 and label else f"{sku.code}~{label}{number}")
            number += 1
        seen.add(code)
        codes.append(code)
    return codes


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
        "tags": known_tags(piece.tags),
        "skus": [_as_given(sku, code) for sku, code in zip(piece.skus, _codes(piece), strict=True)],
    }
    try:
        return msgspec.convert(content, FileItem)
    except msgspec.ValidationError as error:
        return BadRow(
            line_no=piece.line_no,
            said=read_complaint(error),
            external_id=piece.external_id,
            platform_id=piece.platform_id,
            field=field_of(error),
            raw=piece.raw or None,
        )


def _as_given(sku: SkuItem, code: str) -> dict[str, Any]:
    given = {name: value for name, value in msgspec.structs.asdict(sku).items() if value is not msgspec.UNSET}
    return {**given, "code": code}
