"""All reads of the catalog room."""

from catalog.queries.availability import AvailabilityFilter, count_availability, list_availability
from catalog.queries.cards import list_cards, list_substitutes
from catalog.queries.labels import list_brands, list_categories, list_product_tags
from catalog.queries.listing import SORTINGS, ProductFilter, list_products, sort_key
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
    "SORTINGS",
    "SOURCE_FIELDS",
    "AvailabilityFilter",
    "ProductFilter",
    "ProductNotFound",
    "RunFilter",
    "RunNotFound",
    "SkuNotFound",
    "SourceNotFound",
    "count_availability",
    "find_skus",
    "get_product",
    "get_reconciliation",
    "get_run",
    "get_sku_id",
    "get_source",
    "get_source_by_id",
    "get_store_id",
    "list_availability",
    "list_brands",
    "list_bucket",
    "list_cards",
    "list_categories",
    "list_failed_pictures",
    "list_listings",
    "list_product_tags",
    "list_products",
    "list_rejects",
    "list_runs",
    "list_shelf_events",
    "list_sources",
    "list_substitutes",
    "sort_key",
]
