"""Shopify's product CSV (both column generations) and its product webhooks.

Variants stand on rows of their own, and so do further images; rows of one handle are one product.
"""

import re
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from catalog.formats import values
from catalog.formats.pieces import BadRow, Piece, Row
from catalog.formats.tables import Cells, TableRow
from catalog.formats.values import Money
from catalog.items import SkuItem
from catalog.rules import shortened
from kit.words import say

# What Shopify calls a column, then what it called it before 2025.
COLUMNS = {
    # Not in Shopify's own export; tools such as Matrixify write them.
    "id": ("ID", "Product ID"),
    "variant_id": ("Variant ID",),
    "handle": ("URL handle", "Handle"),
    "title": ("Title",),
    "vendor": ("Vendor",),
    "type": ("Type",),
    "category": ("Product category", "Product Category"),
    "published": ("Published on online store", "Published"),
    "status": ("Status",),
    "sku": ("SKU", "Variant SKU"),
    "barcode": ("Barcode", "Variant Barcode"),
    "price": ("Price", "Variant Price"),
    "list_price": ("Compare-at price", "Variant Compare At Price"),
    "tracker": ("Inventory tracker", "Variant Inventory Tracker"),
    "stock": ("Inventory quantity", "Variant Inventory Qty"),
    "policy": ("Continue selling when out of stock", "Variant Inventory Policy"),
    "image": ("Product image URL", "Image Src"),
    "tags": ("Tags",),
    "option1": ("Option1 value", "Option1 Value"),
    "option2": ("Option2 value", "Option2 Value"),
    "option3": ("Option3 value", "Option3 Value"),
}
REQUIRED = [COLUMNS["handle"], COLUMNS["title"]]
# What only rows of variants hold, and rows of further pictures do not.
OF_VARIANTS = ("price", "sku", "barcode", "variant_id", "option1")
NONE_LEFT = re.compile(r"-.*|0+(?:[.,]0*)?")
STATUSES = ("", "active", "draft", "unlisted")
CONTINUE = frozenset({"continue", "true"})


def read(rows: Iterable[TableRow], *, money: Money) -> Iterator[Row]:
    """A piece per row of a product export."""
    for row in rows:
        yield row if isinstance(row, BadRow) else _piece(row, money)


def _piece(row: Cells, money: Money) -> Row:
    line_no, cells = row.line_no, row.cells
    found = {
        name: next((cells[column].strip() for column in columns if cells.get(column)), "")
        for name, columns in COLUMNS.items()
    }
    handle = found["handle"]
    if not handle:
        return BadRow(line_no=line_no, said=say("id_missing.handle"), raw=row.raw, continues=True)
    try:
        skus = [_sku(found, money)] if any(found[name] for name in OF_VARIANTS) else []
        return Piece(
            line_no=line_no,
            external_id=values.code(handle),
            platform_id=values.platform_id(found["id"]),
            title=values.words(found["title"]),
            brand=values.words(found["vendor"]),
            category=values.words(found["category"]) or values.words(found["type"]),
            shelf_status=_status(found) if found["title"] else None,
            image_urls=values.urls(found["image"]),
            tags=values.tags(found["tags"]),
            skus=skus,
            labels=[_label([found[f"option{n}"] for n in (1, 2, 3)])] if skus else [],
            raw=row.raw,
        )
    except values.BadValue as error:
        number = found["id"][:128] or None
        return BadRow(line_no=line_no, said=error.said, external_id=handle[:255], platform_id=number, raw=row.raw)


def _status(found: dict[str, str]) -> str:
    word = found["status"].lower()
    if word == "archived":
        return "discontinued"
    if word not in STATUSES:
        raise values.BadValue(say("status_unknown.shopify", given=found["status"][:50]))
    published = values.yes_or_no(found["published"], default=True)
    return "on_shelf" if published and word in ("", "active") else "off_shelf"


def _sku(found: dict[str, str], money: Money) -> SkuItem:
    if not found["price"]:
        raise values.BadValue(say("price_missing.variant"))
    price = values.minor_units(found["price"], money)
    list_price = values.minor_units(found["list_price"], money) if found["list_price"] else 0
    counted = bool(found["tracker"]) and found["policy"].lower() not in CONTINUE
    sold_out = not found["stock"] or bool(NONE_LEFT.fullmatch(found["stock"]))
    return SkuItem(
        code=values.code(found["sku"]) or _code(found["handle"], [found[f"option{n}"] for n in (1, 2, 3)]),
        price=price,
        list_price=list_price if list_price > price else None,
        barcode=values.barcode(found["barcode"]),
        in_stock=not (counted and sold_out),
        variant_id=values.variant_id(found["variant_id"]),
    )


def _code(handle: str, options: list[str]) -> str:
    """A variant without a SKU goes by handle and options, as customers see it."""
    label = _label(options)
    return shortened(f"{handle}/{label}" if label else handle)


def _label(options: list[str]) -> str:
    return "/".join(option for option in options if option and option != "Default Title")


class Variant(msgspec.Struct):
    """A variant in a webhook."""

    price: str
    id: Annotated[int, Meta(ge=0, le=2**63 - 1)] | None = None
    sku: str | None = None
    barcode: str | None = None
    compare_at_price: str | None = None
    inventory_management: str | None = None
    inventory_policy: str | None = None
    inventory_quantity: int | None = None
    option1: str | None = None
    option2: str | None = None
    option3: str | None = None


class Image(msgspec.Struct):
    src: str


class Product(msgspec.Struct):
    """What `products/create` and `products/update` send, as far as it concerns us."""

    id: Annotated[int, Meta(ge=0, le=2**63 - 1)]
    handle: str
    title: str
    updated_at: datetime
    status: str = "active"
    vendor: str | None = None
    product_type: str | None = None
    published_at: Any = None
    tags: str | list[str] | None = None
    variants: list[Variant] = msgspec.field(default_factory=list)
    images: list[Image] = msgspec.field(default_factory=list)


def piece_of(product: Product, *, money: Money) -> Piece:
    """The product of a webhook as a whole; its version is `updated_at` in milliseconds. Raises BadValue."""
    status = {"archived": "discontinued", "active": "on_shelf"}.get(product.status, "off_shelf")
    if status == "on_shelf" and product.published_at is None:
        status = "off_shelf"
    return Piece(
        line_no=1,
        external_id=product.handle,
        version=milliseconds(product.updated_at),
        title=product.title,
        brand=product.vendor or None,
        category=product.product_type or None,
        shelf_status=status,
        image_urls=[image.src for image in product.images][:20],
        tags=values.tags(product.tags) if isinstance(product.tags, str) else product.tags or [],
        skus=[_webhook_sku(product.handle, variant, money) for variant in product.variants],
        labels=[_label([v.option1 or "", v.option2 or "", v.option3 or ""]) for v in product.variants],
    )


def milliseconds(at: datetime) -> int:
    """The instant as a version: milliseconds since 1970."""
    return int(at.timestamp()) * 1000 + at.microsecond // 1000


def _webhook_sku(handle: str, variant: Variant, money: Money) -> SkuItem:
    found = {
        "handle": handle,
        "variant_id": str(variant.id or ""),
        "sku": variant.sku or "",
        "barcode": variant.barcode or "",
        "price": variant.price,
        "list_price": variant.compare_at_price or "",
        "tracker": variant.inventory_management or "",
        "stock": str(variant.inventory_quantity or 0),
        "policy": variant.inventory_policy or "",
        "option1": variant.option1 or "",
        "option2": variant.option2 or "",
        "option3": variant.option3 or "",
    }
    return _sku(found, money)
