"""All writes of the catalog room."""

from catalog.service.images import add_product_image
from catalog.service.sources import SourceExists, create_source
from catalog.service.stores import set_availability
from catalog.service.sync import sync_products

__all__ = ["SourceExists", "add_product_image", "create_source", "set_availability", "sync_products"]
