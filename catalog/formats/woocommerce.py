"""WooCommerce's product CSV: simple and variable products, and variations, which may stand anywhere in the file.

A product goes by its SKU, or else by `id:` and its number: that is how the column `Parent` names it.
"""

import re
from collections.abc import Iterable, Iterator

from catalog.formats import values
from catalog.formats.pieces import BadRow, Piece, Row
from catalog.formats.tables import TableRow
from catalog.items import SkuItem

REQUIRED = [("ID", "SKU"), ("Type",), ("Name",), ("Published",)]
VISIBILITY = ("Visibility in catalog", "Visibility in catalogue")
BARCODES = ("GTIN, UPC, EAN, or ISBN", "Meta: _global_unique_id")
BRANDS = ("Brands", "Brand")


def read(rows: Iterable[TableRow], *, currency: str) -> Iterator[Row]:
    """A piece per product or variation; grouped and external products are not ours to sell, and left out."""
    for row in rows:
        if isinstance(row, BadRow):
            yield row
            continue
        line_no, cells = row
        kinds = {kind.strip() for kind in cells.get("Type", "").lower().split(",")}
        if not kinds & {"grouped", "external"}:
            yield _piece(line_no, cells, kinds, currency)


def _piece(line_no: int, cells: dict[str, str], kinds: set[str], currency: str) -> Row:
    own = cells.get("SKU", "").strip() or (f"id:{cells['ID'].strip()}" if cells.get("ID", "").strip() else "")
    external_id = cells.get("Parent", "").strip() if "variation" in kinds else own
    if not own or not external_id:
        detail = "The row has neither SKU nor ID, or a variation names no parent."
        return BadRow(line_no=line_no, code="id_missing", detail=detail, raw=str(cells)[:2000])
    try:
        sku = None if "variable" in kinds else _sku(own, cells, currency)
        if "variation" in kinds:
            # A variation that is switched off is not there; its name repeats the parent's and the attribute.
            skus = [sku] if sku and cells.get("Published", "").strip() == "1" else []
            return Piece(line_no=line_no, external_id=external_id, skus=skus)
        return Piece(
            line_no=line_no,
            external_id=external_id,
            title=cells.get("Name", "").strip() or None,
            brand=_first(cells, BRANDS) or None,
            category=_category(cells.get("Categories", "")),
            shelf_status=_status(cells),
            image_urls=values.urls(cells.get("Images", "")),
            skus=[sku] if sku else [],
        )
    except values.BadValue as error:
        return BadRow(
            line_no=line_no, code=error.code, detail=error.detail, external_id=external_id[:128], raw=str(cells)[:2000]
        )


def _status(cells: dict[str, str]) -> str:
    """`Published` is 1, 0 (private) or -1 (draft); hidden from the catalog means not to be offered."""
    published = cells.get("Published", "").strip() == "1"
    return "on_shelf" if published and _first(cells, VISIBILITY).lower() != "hidden" else "off_shelf"


def _sku(code: str, cells: dict[str, str], currency: str) -> SkuItem:
    regular, sale = cells.get("Regular price", "").strip(), cells.get("Sale price", "").strip()
    dated = _first(cells, ("Date sale price starts", "Date sale price ends"))
    list_price = values.minor_units(regular or sale, currency)
    # A sale with dates is not known to hold when the file is read; the regular price always does.
    price = values.minor_units(sale, currency) if sale and not dated else list_price
    return SkuItem(
        code=code[:128],
        price=price,
        list_price=list_price if list_price > price else None,
        barcode=values.barcode(_first(cells, BARCODES)),
        in_stock=_in_stock(cells.get("In stock?", "")),
    )


def _in_stock(given: str) -> bool:
    return given.strip().lower() == "backorder" or values.yes_or_no(given, default=True)


def _category(given: str) -> str | None:
    """The deepest of the paths that commas list; a comma within a name is written with a backslash."""
    paths = [path.replace("\\,", ",").strip() for path in re.split(r"(?<!\\),", given)]
    return max(paths, key=lambda path: path.count(">"), default="") or None


def _first(cells: dict[str, str], names: tuple[str, ...]) -> str:
    return next((cells[name].strip() for name in names if cells.get(name, "").strip()), "")
