"""All reads of the catalog room."""

from catalog.queries.cards import list_cards, list_substitutes
from catalog.queries.listing import ProductFilter, list_products
from catalog.queries.pictures import list_failed_pictures
from catalog.queries.products import ProductNotFound, get_product, list_listings
from catalog.queries.runs import (
    RunFilter,
    RunNotFound,
    get_reconciliation,
    get_run,
    list_bucket,
    list_rejects,
    list_runs,
)
from catalog.queries.shelf import list_shelf_events
from catalog.queries.skus import SkuNotFound, find_skus, get_sku_id
from catalog.queries.sources import (
    SOURCE_FIELDS,
    SourceNotFound,
    get_source,
    get_source_by_id,
    get_store_id,
    list_sources,
)

__all__ = [
    "SOURCE_FIELDS",
    "ProductFilter",
    "ProductNotFound",
    "RunFilter",
    "RunNotFound",
    "SkuNotFound",
    "SourceNotFound",
    "find_skus",
    "get_product",
    "get_reconciliation",
    "get_run",
    "get_sku_id",
    "get_source",
    "get_source_by_id",
    "get_store_id",
    "list_bucket",
    "list_cards",
    "list_failed_pictures",
    "list_listings",
    "list_products",
    "list_rejects",
    "list_runs",
    "list_shelf_events",
    "list_sources",
    "list_substitutes",
]
