"""All reads of the catalog room."""

from catalog.queries.cards import list_cards, list_substitutes
from catalog.queries.products import ProductFilter, ProductNotFound, get_product, list_products
from catalog.queries.shelf import list_shelf_events
from catalog.queries.skus import SkuNotFound, find_skus, get_sku_id
from catalog.queries.sources import SourceNotFound, get_source, get_store_id, list_sources

__all__ = [
    "ProductFilter",
    "ProductNotFound",
    "SkuNotFound",
    "SourceNotFound",
    "find_skus",
    "get_product",
    "get_sku_id",
    "get_source",
    "get_store_id",
    "list_cards",
    "list_products",
    "list_shelf_events",
    "list_sources",
    "list_substitutes",
]
