"""What a source says of one product, in the form that every way in shares."""

import hashlib
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from catalog import rules
from kit.web.batch import Item

ShelfStatus = Literal["on_shelf", "off_shelf", "presale", "discontinued"]
Identifier = Annotated[str, Meta(min_length=1, max_length=128)]
MAX_AMOUNT = 10**12
Amount = Annotated[int, Meta(ge=0, le=MAX_AMOUNT, description="Integer minor units of the source's currency.")]
Path = (
    Annotated[str, Meta(min_length=1, max_length=500)]
    | Annotated[list[Annotated[str, Meta(min_length=1, max_length=200)]], Meta(min_length=1, max_length=10)]
)


class SkuItem(Item, frozen=True):
    """One sellable variant; list_price is the price struck through, never below price."""

    code: Identifier
    price: Amount
    list_price: Amount | None = None
    barcode: Annotated[str, Meta(min_length=1, max_length=64)] | None = None
    in_stock: bool = True


class ProductItem(Item, frozen=True):
    """One product, whole: what is left out is gone. The highest version wins, whatever arrives first."""

    external_id: Identifier
    version: Annotated[int, Meta(ge=0, le=2**63 - 1, description="The source's own; it grows with every change.")]
    title: Annotated[str, Meta(min_length=1, max_length=500)]
    brand: Annotated[str, Meta(min_length=1, max_length=200)]
    category: Path
    shelf_status: ShelfStatus
    skus: Annotated[list[SkuItem], Meta(min_length=1, max_length=500)]
    reason: Annotated[str, Meta(max_length=200)] | None = None


def canonical(item: ProductItem) -> bytes:
    """The item's content without its version, as the JSON text that `digest` is taken of (docs/catalog.md)."""
    skus = [
        {"barcode": s.barcode, "code": s.code, "in_stock": s.in_stock, "list_price": s.list_price, "price": s.price}
        for s in sorted(item.skus, key=lambda sku: sku.code)
    ]
    content = {
        "brand": item.brand,
        "category": rules.category_path(item.category),
        "external_id": item.external_id,
        "reason": item.reason,
        "shelf_status": item.shelf_status,
        "skus": skus,
        "title": item.title,
    }
    return msgspec.json.encode(content)


def digest(content: bytes) -> int:
    """The first 64 bits of the SHA-256 of canonical content, as PostgreSQL's signed bigint."""
    return int.from_bytes(hashlib.sha256(content).digest()[:8], "big", signed=True)
