"""A brand's own spreadsheet, read by the column mapping that was saved with its source."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Literal, Protocol, TypeVar, get_args

import msgspec

from catalog.formats import values
from catalog.formats.pieces import BadRow, Piece, Row
from catalog.formats.tables import Cells, TableRow
from catalog.formats.values import Money
from catalog.items import ShelfStatus, SkuItem
from kit.words import say

FIELDS = (
    *("external_id", "sku", "title", "brand", "category", "shelf_status", "reason", "price", "list_price"),
    *("barcode", "variant_id", "in_stock", "image_urls", "tags", "version"),
)
# What a column may be called in Chinese, where the mapping does not name it.
TITLES = {
    "external_id": ("商品编码", "商品编号", "货号", "款号"),
    "sku": ("SKU", "SKU编码", "规格编码"),
    "title": ("商品名称", "名称", "标题"),
    "brand": ("品牌",),
    "category": ("类目", "分类", "品类"),
    "shelf_status": ("上下架", "上下架状态", "状态"),
    "reason": ("原因", "上下架原因"),
    "price": ("价格", "售价", "零售价"),
    "list_price": ("划线价", "吊牌价", "市场价"),
    "barcode": ("条码", "条形码"),
    "variant_id": ("规格ID", "变体ID"),
    "in_stock": ("有货", "是否有货"),
    "image_urls": ("图片", "图片链接", "图片地址"),
    "tags": ("标签",),
    "version": ("版本",),
}
REQUIRED = ("external_id", "title", "price")
Value = TypeVar("Value")
STATUS_WORDS = {
    **{status: status for status in get_args(ShelfStatus)},
    **dict.fromkeys(("on", "active", "published", "1", "true", "上架", "在售", "已上架"), "on_shelf"),
    **dict.fromkeys(("off", "inactive", "draft", "0", "false", "下架", "已下架", "停售"), "off_shelf"),
    **dict.fromkeys(("preorder", "预售"), "presale"),
    **dict.fromkeys(("archived", "停产", "淘汰", "清退"), "discontinued"),
}


class Read(Protocol):
    """Reads the field's cell; raises BadValue that names it."""

    def __call__(self, name: str, reader: Callable[[str], Value], /) -> Value: ...


class ColumnMapping(msgspec.Struct, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """Which column holds which field, what its words mean, and what counts where a column says nothing."""

    columns: dict[str, str] = msgspec.field(default_factory=dict)  # field -> column; its own name by default
    statuses: dict[str, str] = msgspec.field(default_factory=dict)  # the brand's word -> shelf status
    defaults: dict[str, str] = msgspec.field(default_factory=dict)  # field -> value
    minor_units: bool = False  # whether amounts are written in fen
    time_zone: str = "Asia/Shanghai"  # of dates that name none, such as those of a WooCommerce sale
    decimal_sign: Literal[".", ","] = "."  # where 1.299 could be one or a thousand and something
    encoding: str | None = None  # of text files that do not show theirs

    def headings(self, name: str) -> tuple[str, ...]:
        """What the column that holds the field may be called."""
        return (self.columns[name],) if name in self.columns else (name, *TITLES[name])

    def required(self) -> list[tuple[str, ...]]:
        """The columns that must be there: those of required fields without a default, and all that are mapped."""
        wanted = [name for name in REQUIRED if name not in self.defaults]
        return [self.headings(name) for name in dict.fromkeys([*wanted, *self.columns])]

    def found(self, name: str, cells: Mapping[str, str]) -> str:
        """What a row says of the field, or its default."""
        texts = (cells.get(heading, "").strip() for heading in self.headings(name))
        return next((text for text in texts if text), self.defaults.get(name, ""))


def read(rows: Iterable[TableRow], *, mapping: ColumnMapping, money: Money) -> Iterator[Row]:
    """A piece per row, with one SKU; rows of one `external_id` are variants of one product."""
    for row in rows:
        if isinstance(row, BadRow):
            yield row
            continue
        yield _piece(row, mapping, money)


def _piece(row: Cells, mapping: ColumnMapping, money: Money) -> Row:
    found = {name: mapping.found(name, row.cells) for name in FIELDS}
    external_id = found["external_id"]
    if not external_id:
        return BadRow(line_no=row.line_no, said=say("id_missing"), raw=row.raw, continues=True)

    def read(name: str, reader: Callable[[str], Value]) -> Value:
        try:
            return reader(found[name])
        except values.BadValue as error:
            raise values.BadValue(error.said, name) from None

    try:
        return _readable(row, read, found, mapping, money)
    except values.BadValue as error:
        nameless = error.code == "id_missing" and error.field == "external_id"
        named = None if nameless else external_id[:255]
        return BadRow(line_no=row.line_no, said=error.said, external_id=named, field=error.field, raw=row.raw)


def _readable(row: Cells, read: Read, found: dict[str, str], mapping: ColumnMapping, money: Money) -> Piece:
    external_id = read("external_id", values.code)
    return Piece(
        line_no=row.line_no,
        external_id=external_id,
        version=read("version", values.whole_number) if found["version"] else None,
        title=read("title", values.words),
        brand=read("brand", values.words),
        category=read("category", values.words),
        shelf_status=read("shelf_status", lambda word: _status(word, mapping)),
        reason=read("reason", values.words),
        image_urls=values.urls(found["image_urls"]),
        tags=read("tags", values.tags),
        skus=[_sku(external_id, read, found, mapping, money)],
        raw=row.raw,
    )


def _status(word: str, mapping: ColumnMapping) -> str:
    if not word:
        return "on_shelf"
    status = mapping.statuses.get(word) or STATUS_WORDS.get(word.lower())
    if status is None:
        raise values.BadValue(say("status_unknown", given=word[:50]))
    return status


def _sku(external_id: str, read: Read, found: dict[str, str], mapping: ColumnMapping, money: Money) -> SkuItem:
    def amount(given: str) -> int:
        return values.whole_number(given) if mapping.minor_units else values.minor_units(given, money)

    return SkuItem(
        code=read("sku", values.code) or external_id,
        price=read("price", amount),
        list_price=read("list_price", amount) if found["list_price"] else None,
        barcode=read("barcode", values.barcode),
        in_stock=read("in_stock", lambda given: values.yes_or_no(given, default=True)),
        variant_id=read("variant_id", values.variant_id),
    )
