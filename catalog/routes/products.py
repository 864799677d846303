"""Products to look for, their brands, categories and tags, and changes of shelf status."""

from typing import Any
from uuid import UUID

from catalog import queries, service
from catalog.present import priced, product_row
from catalog.queries.products import ProductNotFound
from catalog.queries.sources import SourceNotFound
from catalog.routes.blueprint import CATALOG, PUSH, bp
from catalog.schemas.products import (
    BrandPageOut,
    BrandsIn,
    CategoriesIn,
    CategoryPageOut,
    ListingsOut,
    ProductOut,
    ProductPageOut,
    ProductsIn,
    ProductTagPageOut,
    ProductTagsIn,
    ShelfEventsOut,
    StoreIn,
)
from catalog.service.listings import ListingNotFound, ListingUnrivalled
from kit import clock
from kit.web.auth import auth, principal
from kit.web.feeds import Feed, FeedIn, SyncReset, follow
from kit.web.io import query, reply
from kit.web.listed import listed
from kit.web.paging import page
from kit.web.refusals import refuses
from staff.queries import get_store
from staff.queries.stores import StoreNotFound
from staff.rules import ANY_STAFF


@bp.get("/products")
@auth(roles=ANY_STAFF)
@refuses(StoreNotFound)
@listed("catalog", "availability", "people")
@query(ProductsIn)
@reply(ProductPageOut)
def list_products(limit: int, cursor: str | None, store_id: UUID | None, sort: str, **filters: Any) -> dict[str, Any]:
    """Products by title, price or age, with what they cost and whether they may be sold in a store."""
    seen_in = _store_id(store_id)
    wanted = queries.ProductFilter(**filters)
    found = page(
        lambda after, n: queries.list_products(wanted, sort=sort, store_id=seen_in, after=after, limit=n),
        name=f"products.{sort}",
        cursor=cursor,
        limit=limit,
        key=lambda row: queries.sort_key(row, sort),
    )
    return {**found, "cut": _is_cut(found["items"]), "items": [_row(row) for row in found["items"]]}


@bp.get("/products/<uuid:product_id>")
@auth(roles=ANY_STAFF)
@refuses(ProductNotFound, StoreNotFound)
@query(StoreIn)
@reply(ProductOut)
def get_product(product_id: UUID, store_id: UUID | None) -> dict[str, Any]:
    """One product with its SKUs and pictures."""
    product = queries.get_product(product_id, store_id=_store_id(store_id))
    return {**_row(product), "skus": [priced(sku) for sku in product["skus"]]}


@bp.get("/products/<uuid:product_id>/listings")
@auth(roles=CATALOG)
@refuses(ProductNotFound)
@reply(ListingsOut)
def list_listings(product_id: UUID) -> dict[str, Any]:
    """What each source says of the product's SKUs; the one that decides comes first."""
    return {"items": queries.list_listings(product_id)}


@bp.post("/products/<uuid:product_id>/listings/<source>/unlink")
@auth(roles=CATALOG)
@refuses(ListingNotFound, ListingUnrivalled, ProductNotFound, SourceNotFound)
@reply(ListingsOut)
def unlink_listing(product_id: UUID, source: str) -> dict[str, Any]:
    """Let the next source say what the product's SKUs are, instead of this one."""
    service.unlink(product_id=product_id, source=queries.get_source(source), now=clock.now())
    return {"items": queries.list_listings(product_id)}


@bp.post("/products/<uuid:product_id>/listings/<source>/link")
@auth(roles=CATALOG)
@refuses(ListingNotFound, ProductNotFound, SourceNotFound)
@reply(ListingsOut)
def link_listing(product_id: UUID, source: str) -> dict[str, Any]:
    """Let the source's word count by its rank again."""
    service.link(product_id=product_id, source=queries.get_source(source), now=clock.now())
    return {"items": queries.list_listings(product_id)}


@bp.get("/brands")
@auth(roles=ANY_STAFF)
@query(BrandsIn)
@reply(BrandPageOut)
def list_brands(limit: int, cursor: str | None, begins: str | None) -> dict[str, Any]:
    """Brands by name, with how many products each has."""
    return page(
        lambda after, n: queries.list_brands(begins=begins, after=after, limit=n),
        name="brands",
        cursor=cursor,
        limit=limit,
        key=lambda row: [row["name"]],
    )


@bp.get("/product-tags")
@auth(roles=ANY_STAFF)
@query(ProductTagsIn)
@reply(ProductTagPageOut)
def list_product_tags(limit: int, cursor: str | None, begins: str | None) -> dict[str, Any]:
    """Tags that sources give products, by name, with how many products have each."""
    return page(
        lambda after, n: queries.list_product_tags(begins=begins, after=after, limit=n),
        name="product-tags",
        cursor=cursor,
        limit=limit,
        key=lambda row: [row["name"]],
    )


@bp.get("/categories")
@auth(roles=ANY_STAFF)
@query(CategoriesIn)
@reply(CategoryPageOut)
def list_categories(limit: int, cursor: str | None, below: str | None) -> dict[str, Any]:
    """Categories by path, with how many products each has, those below it included."""
    return page(
        lambda after, n: queries.list_categories(below=below, after=after, limit=n),
        name="categories",
        cursor=cursor,
        limit=limit,
        key=lambda row: [row["path"]],
    )


SHELF_EVENTS = Feed("shelf-events", version=1)


@bp.get("/shelf-events")
@auth(roles=ANY_STAFF, scope=PUSH)
@refuses(SyncReset)
@query(FeedIn)
@reply(ShelfEventsOut)
def list_shelf_events(after: str | None, limit: int) -> dict[str, Any]:
    """Changes of shelf status in the order they were settled; asking again with `next_after` misses none."""
    return follow(SHELF_EVENTS, after=after, fetch=lambda past: queries.list_shelf_events(after=past, limit=limit))


def _store_id(asked: UUID | None) -> UUID | None:
    return principal().store_id if asked is None else get_store(asked, principal=principal()).id


def _is_cut(rows: list[dict[str, Any]]) -> bool:
    return bool(rows) and bool(rows[0].get("cut"))


def _row(row: dict[str, Any]) -> dict[str, Any]:
    return product_row({name: value for name, value in row.items() if name not in ("cut", "lowest_fen")})
