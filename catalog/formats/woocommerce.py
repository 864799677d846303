"""WooCommerce's product CSV: simple and variable products, and variations, which may stand anywhere in the file.

A product is called by its SKU, or else by `id:` and its number: that is how the column `Parent` names it. Its number is
what it is; a SKU may change, and belong to another product later.
"""

import re
from collections.abc import Iterable, Iterator

from catalog.formats import values
from catalog.formats.pieces import BadRow, Piece, Row
from catalog.formats.tables import Cells, TableRow
from catalog.formats.values import Instant, Money
from catalog.items import SkuItem
from catalog.rules import shortened
from kit.words import say

# What the export calls a column in English and in Chinese: the headings are in the language of the shop.
COLUMNS = {
    "id": ("ID",),
    "type": ("Type", "类型"),
    "sku": ("SKU",),
    "barcode": ("GTIN, UPC, EAN, or ISBN", "GTIN、UPC、EAN 或 ISBN", "Meta: _global_unique_id"),
    "name": ("Name", "名称"),
    "published": ("Published", "已发布"),
    "visibility": ("Visibility in catalog", "Visibility in catalogue", "在列表页可见", "在目录中的可见性"),
    "sale_starts": ("Date sale price starts", "促销开始日期"),
    "sale_ends": ("Date sale price ends", "促销截止日期"),
    "in_stock": ("In stock?", "有货？", "有货?"),
    "sale_price": ("Sale price", "促销价格"),
    "price": ("Regular price", "常规售价", "Meta: _subscription_price"),
    "categories": ("Categories", "分类"),
    "images": ("Images", "图片"),
    "tags": ("Tags", "标签"),
    "parent": ("Parent", "父级"),
    "brand": ("Brands", "Brand", "品牌"),
}
# How WooCommerce and its plug-in for subscriptions call what has variations, and what is one.
VARIABLE = frozenset({"variable", "variable-subscription"})
VARIATION = frozenset({"variation", "subscription_variation"})
# Not ours to sell.
LEFT_OUT = frozenset({"grouped", "external"})
REQUIRED = [("ID", "SKU"), COLUMNS["type"], COLUMNS["name"], COLUMNS["published"]]


def read(rows: Iterable[TableRow], *, money: Money, now: Instant) -> Iterator[Row]:
    """A piece per product or variation; grouped and external products are not ours to sell, and left out."""
    for row in rows:
        if isinstance(row, BadRow):
            yield row
            continue
        found = {name: _first(row.cells, columns) for name, columns in COLUMNS.items()}
        kinds = {kind.strip() for kind in found["type"].lower().split(",")}
        if not kinds & LEFT_OUT:
            yield _piece(row, found, kinds, money, now)


def _piece(row: Cells, found: dict[str, str], kinds: set[str], money: Money, now: Instant) -> Row:
    line_no = row.line_no
    is_variation = not kinds.isdisjoint(VARIATION)
    number = None if is_variation else found["id"][:128] or None
    own = found["sku"] or (f"id:{found['id']}" if found["id"] else "")
    external_id = found["parent"] if is_variation else own
    if not own or not external_id:
        named = external_id[:255] or None
        return BadRow(line_no=line_no, said=say("id_missing.woocommerce"), external_id=named, raw=row.raw)
    try:
        own, external_id = values.code(own), values.code(external_id)
        values.platform_id(found["id"])
        if is_variation:
            skus = _offered(own, found, money, now)
            return Piece(line_no=line_no, external_id=external_id, skus=skus, raw=row.raw)
        return Piece(
            line_no=line_no,
            external_id=external_id,
            platform_id=number,
            title=values.words(found["name"]),
            brand=values.words(found["brand"]),
            category=_category(found["categories"]),
            shelf_status=_status(found),
            image_urls=values.urls(found["images"]),
            tags=values.tags(found["tags"]),
            skus=[] if kinds & VARIABLE else [_sku(own, found, money, now)],
            raw=row.raw,
        )
    except values.BadValue as error:
        return BadRow(line_no=line_no, said=error.said, external_id=external_id[:255], platform_id=number, raw=row.raw)


def _offered(own: str, found: dict[str, str], money: Money, now: Instant) -> list[SkuItem]:
    """A variation that is switched off, or has no price, is not there: the shop does not show it either."""
    sku = _sku(own, found, money, now) if found["price"] or found["sale_price"] else None
    return [sku] if sku and _is_published(found) else []


def _status(found: dict[str, str]) -> str:
    """`Published` is 1, 0 (private) or -1 (draft); hidden from the catalog means not to be offered."""
    return "on_shelf" if _is_published(found) and found["visibility"].lower() != "hidden" else "off_shelf"


def _is_published(found: dict[str, str]) -> bool:
    """A spreadsheet may have made 1.0 or TRUE of 1; what is neither yes nor no is told, and takes nothing down."""
    word = found["published"].removesuffix(".0")
    return word != "-1" and values.yes_or_no(word, default=False)


def _sku(code: str, found: dict[str, str], money: Money, now: Instant) -> SkuItem:
    regular, sale = found["price"], found["sale_price"]
    if not (regular or sale):
        raise values.BadValue(say("price_missing"))
    list_price = values.minor_units(regular or sale, money)
    on_sale = bool(sale) and values.sale_is_on(found["sale_starts"], found["sale_ends"], now=now)
    price = values.minor_units(sale, money) if on_sale else list_price
    return SkuItem(
        code=shortened(values.code(code)),
        price=price,
        list_price=list_price if list_price > price else None,
        barcode=values.barcode(found["barcode"]),
        in_stock=_in_stock(found["in_stock"]),
        variant_id=values.variant_id(found["id"]),
    )


def _in_stock(given: str) -> bool:
    return given.lower() == "backorder" or values.yes_or_no(given, default=True)


def _category(given: str) -> str | None:
    """The deepest of the paths that commas list; a comma within a name is written with a backslash."""
    paths = [path.replace("\\,", ",").strip() for path in re.split(r"(?<!\\),", given)]
    return max(paths, key=lambda path: path.count(">"), default="") or None


def _first(cells: dict[str, str], names: tuple[str, ...]) -> str:
    return next((cells[name].strip() for name in names if cells.get(name, "").strip()), "")
