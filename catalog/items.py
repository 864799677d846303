"""What a source says of one product, in the form that every way in shares."""

import hashlib
from functools import lru_cache
from operator import attrgetter
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from catalog import rules
from kit.broken_codes import BROKEN, find_damage
from kit.versions import MAX_SOURCE_VERSION
from kit.web.batch import Item

ShelfStatus = Literal["on_shelf", "off_shelf", "presale", "discontinued"]
Identifier = Annotated[str, Meta(min_length=1, max_length=128)]
MAX_NAME = 255
Name = Annotated[str, Meta(min_length=1, max_length=MAX_NAME)]
MAX_AMOUNT = 10**12
MAX_SKUS = 2048
MAX_IMAGES = 20
MAX_TAGS = 250
Tag = Annotated[str, Meta(min_length=1, max_length=255)]
Amount = Annotated[int, Meta(ge=0, le=MAX_AMOUNT, description="Integer minor units of the source's currency.")]
Version = Annotated[int, Meta(ge=0, le=MAX_SOURCE_VERSION, description="The source's own; it grows with every change.")]
Url = Annotated[str, Meta(min_length=1, max_length=2000, pattern="^https?://")]
Path = (
    Annotated[str, Meta(min_length=1, max_length=500)]
    | Annotated[list[Annotated[str, Meta(min_length=1, max_length=200)]], Meta(min_length=1, max_length=10)]
)


# Fields stand in the order of their names: that is the order of canonical content. Nothing in them leads back to an
# item, so that the garbage collector need not follow them.
class SkuItem(Item, frozen=True, kw_only=True, gc=False):
    """One sellable variant; list_price is the price struck through, never below price."""

    barcode: Annotated[str, Meta(min_length=1, max_length=64)] | None = None
    code: Identifier
    in_stock: bool = True
    list_price: Amount | None = None
    price: Amount
    # What a platform knows the variant by, whatever its code is.
    variant_id: Annotated[str, Meta(min_length=1, max_length=64)] | msgspec.UnsetType = msgspec.UNSET


class ProductContent(Item, frozen=True, kw_only=True, gc=False):
    """What a source says of a product, whatever the version."""

    brand: Annotated[str, Meta(min_length=1, max_length=200)]
    category: Path
    external_id: Name
    image_urls: Annotated[list[Url], Meta(max_length=MAX_IMAGES)] = msgspec.field(default_factory=list)
    reason: Annotated[str, Meta(max_length=200)] | None = None
    shelf_status: ShelfStatus
    skus: Annotated[list[SkuItem], Meta(min_length=1, max_length=MAX_SKUS)]
    tags: Annotated[list[Tag], Meta(max_length=MAX_TAGS)] | msgspec.UnsetType = msgspec.UNSET
    title: Annotated[str, Meta(min_length=1, max_length=500)]


class ProductItem(ProductContent, frozen=True, kw_only=True, gc=False):
    """One product, whole: what is left out is gone. The highest version wins, whatever arrives first."""

    version: Version


class FileItem(ProductContent, frozen=True, kw_only=True, gc=False):
    """One product in a file; without a version, the time the file came in counts."""

    version: Version | None = None


def why_not_acceptable(item: ProductContent) -> str | None:
    """Why a well-formed item cannot be taken, as a refusal code, or None."""
    if find_damage(item.external_id):
        return BROKEN
    for sku in item.skus:
        if any(given and find_damage(given) for given in (sku.code, sku.barcode, sku.variant_id)):
            return BROKEN
        if sku.list_price is not None and sku.list_price < sku.price:
            return "list_price_below_price"
    if len(item.skus) > 1 and len({sku.code for sku in item.skus}) < len(item.skus):
        return "sku_repeated"
    if not 0 < len(_category_path(item.category)) <= rules.MAX_PATH_LENGTH:
        return "category_unusable"
    return None


def canonical(item: ProductContent) -> bytes:
    """The item's content without its version, as the JSON text that `digest` is taken of (docs/catalog.md)."""
    content = ProductContent(
        brand=item.brand,
        category=_category_path(item.category),
        external_id=item.external_id,
        image_urls=item.image_urls,
        reason=item.reason,
        shelf_status=item.shelf_status,
        skus=sorted(item.skus, key=_by_code) if len(item.skus) > 1 else item.skus,
        tags=rules.known_tags(item.tags) or msgspec.UNSET if item.tags else msgspec.UNSET,
        title=item.title,
    )
    return _encode(content)


def digest(content: bytes) -> int:
    """The first 64 bits of the SHA-256 of canonical content, as PostgreSQL's signed bigint."""
    return int.from_bytes(hashlib.sha256(content).digest()[:8], "big", signed=True)


def _category_path(category: str | list[str]) -> str:
    return _known_path(category) if isinstance(category, str) else rules.category_path(category)


_by_code = attrgetter("code")
# A catalog has many products to a category.
_known_path = lru_cache(maxsize=10_000)(rules.category_path)
_encode = msgspec.json.Encoder().encode
